import type { Containment, EnforcementPoint } from "../ledger/containment.ts";
import { isWanted } from "../ledger/containment.ts";
import type { Containments, Held, Settlement } from "../ledger/containments.ts";
import type { StepOutcome } from "../ledger/run.ts";
import { identityOf } from "../ledger/target.ts";
import type { CommandResponder, Responder } from "../responders/responder.ts";
import { type Advance, advanceCommand, type CommandTools } from "./advance-command.ts";
import type { Pass } from "./pass.ts";
import { undoCommand } from "./undo-command.ts";

export interface CommandReconciler extends Omit<CommandTools, "containments"> {
  containments: Containments;
  responders: ReadonlyMap<string, Responder>;
}

/** Targets that are worked on at once; calls to one target come one after another. */
const targetsAtOnce = 8;
/** A pass of the single writer must come to an end; what it does not reach is taken up by the next. */
const passMs = 25_000;

/**
 * Takes every command of one enforcement point as far as it will go now: the most severe first, the oldest first among those, releases
 * last. When the service's limit is reached the rest waits; nothing is dropped.
 */
export async function reconcileCommands(point: EnforcementPoint, reconciler: CommandReconciler): Promise<Pass> {
  const { containments, clock } = reconciler;
  const held = await containments.at(point.key);
  const startedAt = clock.now();
  const wanted = held.filter(({ containment }) => isWanted(containment, startedAt)).toSorted(byUrgency);
  const due = held.filter((one) => !wanted.includes(one));
  const gate = { waitMs: undefined as number | undefined };
  const waits: number[] = [];
  const outOfTime = () => clock.now().getTime() - startedAt.getTime() > passMs;

  const settlements: Settlement[] = [];
  await eachTarget(wanted, async (one) => {
    const advance = await advanceOrWait(one, gate, outOfTime(), reconciler);
    if (advance.retryAfterMs !== undefined) waits.push(advance.retryAfterMs);
    const outcome: StepOutcome = { containment: one.containment.id, ...advance.outcome };
    settlements.push({ held: one, outcome });
  });

  let released = 0;
  let trouble: string | undefined;
  await eachTarget(due, async (one) => {
    const responder = commandOfHeld(one, reconciler);
    if (gate.waitMs !== undefined || outOfTime()) return void waits.push(gate.waitMs ?? 1_000);
    const undoing = responder
      ? await undoCommand(one.containment, responder, reconciler)
      : { over: false, reason: `there is no responder ${one.containment.responder}` };
    if (undoing.limited) gate.waitMs = undoing.retryAfterMs ?? 15_000;
    if (undoing.retryAfterMs !== undefined) waits.push(undoing.retryAfterMs);
    if (undoing.over) {
      await releaseNow(one, undoing.reason, reconciler);
      released++;
    } else {
      trouble = undoing.reason;
      await containments.update(point.key, one.containment.id, (now) =>
        undoing.reason === undefined ? undefined : { ...now, reason: undoing.reason },
      );
    }
  });

  await settle(settlements, point, reconciler);
  return {
    outcomes: new Map(settlements.map(({ outcome }) => [outcome.containment, outcome])),
    released,
    writes: 0,
    ...(trouble === undefined ? {} : { trouble }),
    ...(waits.length === 0 ? {} : { retryAfterMs: Math.min(...waits) }),
  };
}

async function advanceOrWait(
  { containment }: Held,
  gate: { waitMs: number | undefined },
  outOfTime: boolean,
  reconciler: CommandReconciler,
): Promise<Advance> {
  const responder = commandOfHeld({ containment }, reconciler);
  if (!responder) return { outcome: { state: "failed", reason: `there is no responder ${containment.responder}` } };
  if (gate.waitMs !== undefined || outOfTime) {
    const { state, acceptedAt, verifiedAt } = containment;
    const reason =
      gate.waitMs === undefined
        ? "others are served first"
        : "the service's limit of calls is reached; it waits for its turn";
    return {
      outcome: {
        state,
        ...(state === "verified" ? {} : { reason }),
        ...(acceptedAt === undefined ? {} : { acceptedAt }),
        ...(verifiedAt === undefined ? {} : { verifiedAt }),
      },
      ...(state === "verified" ? {} : { retryAfterMs: gate.waitMs ?? 1_000 }),
    };
  }
  const advance = await advanceCommand(containment, responder, reconciler);
  if (advance.limited) gate.waitMs = advance.retryAfterMs ?? 15_000;
  return advance;
}

function commandOfHeld(
  { containment }: Pick<Held, "containment">,
  { responders }: CommandReconciler,
): CommandResponder | undefined {
  const responder = responders.get(containment.responder);
  return responder?.kind === "command" ? responder : undefined;
}

/** The states are written over what the commands themselves have written down meanwhile. */
async function settle(
  settlements: readonly Settlement[],
  point: EnforcementPoint,
  { containments }: CommandReconciler,
): Promise<void> {
  for (const { held, outcome } of settlements) {
    const { containment: _, ...state } = outcome;
    await containments.update(
      point.key,
      held.containment.id,
      ({ reason: _reason, acceptedAt: _acceptedAt, ...now }) => ({
        ...now,
        ...state,
      }),
    );
  }
}

async function releaseNow(
  held: Held,
  reason: string | undefined,
  { containments, clock }: CommandReconciler,
): Promise<void> {
  const { point, id } = held.containment;
  const fresh = await containments.get(point.key, id);
  // Somebody asked for it again meanwhile: the next pass finds what it is now.
  if (!fresh || isWanted(fresh.containment, clock.now())) return;
  const containment: Containment = { ...fresh.containment, ...(reason === undefined ? {} : { reason }) };
  await containments.release([{ row: fresh.row, containment }], clock.now());
}

/** In order, several targets at once, one target's containments one after another. */
async function eachTarget(all: readonly Held[], work: (held: Held) => Promise<void>): Promise<void> {
  const queues = [...Map.groupBy(all, lockOf).values()];
  const next = async (): Promise<void> => {
    for (let queue = queues.shift(); queue !== undefined; queue = queues.shift()) {
      for (const held of queue) await work(held);
    }
  };
  await Promise.all(Array.from({ length: targetsAtOnce }, next));
}

/** What takes only one action at a time: a file is quarantined on its machine. */
function lockOf({ containment: { target } }: Held): string {
  return target.kind === "file"
    ? JSON.stringify(["machine", target.machineId.toLowerCase()])
    : JSON.stringify(identityOf(target));
}

function byUrgency({ containment: a }: Held, { containment: b }: Held): number {
  return b.priority - a.priority || a.requestedAt.localeCompare(b.requestedAt) || a.id.localeCompare(b.id);
}
