import type { Ask } from "../azure/ask.ts";
import { AzureError } from "../azure/azure-error.ts";
import { ServiceNotConfigured } from "../azure/create-ask.ts";
import type { Clock } from "../clock.ts";
import type { Containment, Progress } from "../ledger/containment.ts";
import type { Containments } from "../ledger/containments.ts";
import type { StepOutcome } from "../ledger/run.ts";
import type { Attempted, Command, CommandResponder, Look } from "../responders/responder.ts";

export interface CommandTools {
  containments: Pick<Containments, "update">;
  ask: Ask;
  /** Why nothing may be sent to it: asked again right before sending, whatever was decided when. */
  forbids(containment: Containment): string | undefined;
  /** Tells a person, once for each containment. */
  escalate(containment: Containment, reason: string): Promise<void>;
  clock: Clock;
}

/** Where a command stands after it was looked at. */
export interface Advance {
  outcome: Omit<StepOutcome, "containment">;
  /** Set when another look can help. */
  retryAfterMs?: number;
  /** A limit of the service was reached: whatever else needs it has to wait as well. */
  limited?: boolean;
}

const minute = 60_000;
/** After a verified command was looked at it is left alone so long; nobody undoes an isolation every minute. */
const recheckMs = 30 * minute;

/**
 * Takes one wanted command as far as it will go now: looks, writes down what it saw and that it is about to send, sends, checks. May die
 * anywhere; the next call goes on from what is written down, and looks before it sends again.
 */
export async function advanceCommand(
  containment: Containment,
  responder: CommandResponder,
  tools: CommandTools,
): Promise<Advance> {
  try {
    const { progress, state, reason } = containment;
    const told = state === "failed" && reason !== undefined && isRecent(progress?.checkedAt, tools);
    if (told) return failed(reason, containment);
    if (progress === undefined) return await begin(containment, responder, tools);
    if (containment.acceptedAt === undefined) return await goOn(containment, progress, responder, tools);
    return await follow(containment, progress, responder, tools);
  } catch (error) {
    if (error instanceof ServiceNotConfigured) return failed(error.message, containment);
    if (!(error instanceof AzureError)) throw error;
    return await afterFault(containment, error, tools);
  }
}

async function begin(containment: Containment, responder: CommandResponder, tools: CommandTools): Promise<Advance> {
  const forbidden = tools.forbids(containment);
  if (forbidden !== undefined) return failed(forbidden, containment);
  const look = await responder.look(commandOf(containment, responder, tools));
  if (look.state === "busy") return waiting(containment, look.reason, tools);
  if (look.state === "impossible") return failed(look.reason, containment);
  const byOthers = (look.state === "held" || look.state === "running") && !look.ours;
  const before = { held: byOthers, summary: look.summary, memo: look.memo ?? {} };
  const at = tools.clock.now().toISOString();
  // What was there before is written down in the same stroke as that something may now be sent: after a crash it could not be told.
  const progress: Progress = { before, ...(look.state === "free" ? { attemptedAt: at } : {}) };
  const recorded = await record(containment, tools, { ...progress, ...ticketOf(look) });
  if (!recorded) return gone();
  if (look.state === "free") return send(recorded, responder, tools);
  return follow(accepted(recorded, at), recorded.progress ?? progress, responder, tools);
}

/** The request may have gone out before. It is sent again only if nothing of it is to be seen. */
async function goOn(
  containment: Containment,
  progress: Progress,
  responder: CommandResponder,
  tools: CommandTools,
): Promise<Advance> {
  const forbidden = tools.forbids(containment);
  if (forbidden !== undefined) return failed(forbidden, containment);
  const look = await responder.look(commandOf(containment, responder, tools));
  if (look.state === "busy") return waiting(containment, look.reason, tools);
  if (look.state === "impossible") return failed(look.reason, containment);
  const at = tools.clock.now().toISOString();
  if (look.state === "free") {
    const { before } = progress;
    const seen: Progress["before"] = before.held
      ? // Who had done it has taken it back since: from here on it is ours.
        { held: false, summary: look.summary, memo: look.memo ?? {} }
      : // Versions that were read then may be old by now; what was there before stays what it was.
        { ...before, memo: { ...before.memo, ...look.memo } };
    const again = await record(containment, tools, { ...progress, before: seen, attemptedAt: at });
    return again ? send(again, responder, tools) : gone();
  }
  const found = await record(containment, tools, {
    ...progress,
    attemptedAt: progress.attemptedAt ?? at,
    ...ticketOf(look),
  });
  return found ? follow(accepted(found, at), found.progress ?? progress, responder, tools) : gone();
}

async function send(containment: Containment, responder: CommandResponder, tools: CommandTools): Promise<Advance> {
  const { progress } = containment;
  if (progress === undefined) throw new TypeError(`${containment.id} is sent before it was looked at`);
  const command = commandOf(containment, responder, tools);
  let ticket: string | undefined;
  for (const request of responder.requests(command, progress.before)) {
    const answer = await tools.ask(request);
    ticket = responder.ticket?.(answer) ?? ticket;
  }
  const at = tools.clock.now().toISOString();
  const taken = await tools.containments.update(containment.point.key, containment.id, (now) =>
    now.progress === undefined
      ? undefined
      : { ...accepted(now, at), progress: { ...now.progress, ...(ticket === undefined ? {} : { ticket }) } },
  );
  return taken?.progress ? follow(taken, taken.progress, responder, tools) : gone();
}

/** It was taken on: has it come about, and does it still hold? */
async function follow(
  containment: Containment,
  progress: Progress,
  responder: CommandResponder,
  tools: CommandTools,
): Promise<Advance> {
  const { acceptedAt, verifiedAt } = containment;
  const now = tools.clock.now();
  const stood = containment.state === "verified" && verifiedAt !== undefined;
  if (stood && isRecent(progress.checkedAt ?? verifiedAt, tools)) {
    return { outcome: outcomeOf(containment, "verified", now) };
  }
  const check = await responder.check(attemptedOf(containment, progress, responder, tools));
  await record(containment, tools, { ...progress, checkedAt: now.toISOString() });
  if (check.state === "done") return { outcome: outcomeOf(containment, "verified", now, adoption(progress)) };
  if (verifiedAt !== undefined) {
    return failed(
      `it held and does not any more: ${check.reason}. Somebody took it back, so it is not done again`,
      containment,
    );
  }
  if (check.state === "failed") {
    if (!check.again || progress.before.held) return failed(check.reason, containment);
    await tools.containments.update(containment.point.key, containment.id, startAgain);
    return { outcome: { state: "requested", reason: `${check.reason}; it is asked for again` }, retryAfterMs: minute };
  }
  const age = now.getTime() - Date.parse(acceptedAt ?? containment.requestedAt);
  const late = age > responder.verifyWithinMs;
  const reason = late
    ? `not verified within ${Math.round(responder.verifyWithinMs / minute)} minutes: ${check.reason}`
    : check.reason;
  if (late && !progress.escalated) {
    await tools.escalate(containment, reason);
    await record(containment, tools, { ...progress, checkedAt: now.toISOString(), escalated: true });
  }
  return { outcome: outcomeOf(containment, "accepted", now, reason), retryAfterMs: patience(age) };
}

function isRecent(checkedAt: string | undefined, { clock }: CommandTools): boolean {
  return checkedAt !== undefined && clock.now().getTime() - Date.parse(checkedAt) < recheckMs;
}

/** Looks come further apart the longer it takes: an isolation of a machine that is switched off may take three days. */
export function patience(ageMs: number): number {
  return Math.min(Math.max(2_000, ageMs / 2), 10 * minute);
}

function adoption({ before }: Progress): string | undefined {
  return before.held ? `it was so before (${before.summary}): a release leaves it as it is` : undefined;
}

/** A failure that came from the service; what it may mend by itself is tried again. */
async function afterFault(containment: Containment, error: AzureError, tools: CommandTools): Promise<Advance> {
  const { acceptedAt, point, id } = containment;
  // Somebody changed the target since it was read: it is looked at anew.
  const changed = error.status === 412;
  if (error.transient || changed) {
    const state = acceptedAt === undefined ? "requested" : "accepted";
    return {
      outcome: { state, reason: error.message, ...(acceptedAt === undefined ? {} : { acceptedAt }) },
      retryAfterMs: changed ? 1_000 : (error.retryAfterMs ?? 15_000),
      limited: error.status === 429,
    };
  }
  // Told and left alone for a while: what nobody has granted since is refused again.
  const checkedAt = tools.clock.now().toISOString();
  await tools.containments.update(point.key, id, (now) =>
    now.progress === undefined ? undefined : { ...now, progress: { ...now.progress, checkedAt } },
  );
  if (!error.needsHuman) return failed(error.message, containment);
  const reason = `only a person can do this, the service refuses it to applications: ${error.message}`;
  if (containment.state !== "failed") await tools.escalate(containment, reason);
  return failed(reason, containment);
}

function waiting({ requestedAt }: Containment, reason: string, { clock }: CommandTools): Advance {
  return {
    outcome: { state: "requested", reason },
    retryAfterMs: patience(clock.now().getTime() - Date.parse(requestedAt)),
  };
}

/** That the service took it on stays on record: what then failed is not asked for again as if it had never been. */
function failed(reason: string, { acceptedAt }: Pick<Containment, "acceptedAt">): Advance {
  return { outcome: { state: "failed", reason, ...(acceptedAt === undefined ? {} : { acceptedAt }) } };
}

/** Released and taken out of the ledger while it was being worked on. */
function gone(): Advance {
  return { outcome: { state: "released" } };
}

function outcomeOf(
  containment: Containment,
  state: "accepted" | "verified",
  now: Date,
  reason?: string,
): Advance["outcome"] {
  const at = now.toISOString();
  return {
    state,
    acceptedAt: containment.acceptedAt ?? at,
    ...(state === "verified" ? { verifiedAt: containment.verifiedAt ?? at } : {}),
    ...(reason === undefined ? {} : { reason }),
  };
}

function accepted(containment: Containment, at: string): Containment {
  return { ...containment, state: "accepted", acceptedAt: containment.acceptedAt ?? at };
}

/** What was there before stays known; what was sent is over. */
function startAgain({ acceptedAt: _, ...containment }: Containment): Containment {
  const { before } = containment.progress ?? {};
  return { ...containment, state: "requested", ...(before === undefined ? {} : { progress: { before } }) };
}

function ticketOf(look: Look): { ticket?: string } {
  return look.state === "running" ? { ticket: look.ticket } : {};
}

function record(
  containment: Containment,
  { containments }: CommandTools,
  progress: Progress,
): Promise<Containment | undefined> {
  return containments.update(containment.point.key, containment.id, (now) => ({ ...now, progress }));
}

function commandOf(containment: Containment, responder: CommandResponder, { ask, clock }: CommandTools): Command {
  const { target, owners } = containment;
  if (target.kind !== responder.target) throw new TypeError(`${responder.id} has no target of the kind ${target.kind}`);
  const until = Math.max(...owners.map(({ expiresAt }) => Date.parse(expiresAt)));
  return {
    containmentId: containment.id,
    target,
    params: responder.params.parse(owners[0]?.params ?? {}),
    resourceId: containment.point.resourceId,
    since: new Date(containment.requestedAt),
    until: new Date(until),
    now: clock.now(),
    ask,
  };
}

export function attemptedOf(
  containment: Containment,
  progress: Progress,
  responder: CommandResponder,
  tools: CommandTools,
): Attempted {
  return { ...commandOf(containment, responder, tools), progress };
}
