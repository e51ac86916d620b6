import { createHash } from "node:crypto";
import type { Alert } from "../alerts/alert.ts";
import { fingerprint } from "../alerts/fingerprint.ts";
import { namedParties, partiesDigest } from "../alerts/named-parties.ts";
import type { Clock } from "../clock.ts";
import { type AlertRegister, isLater, type KnownAlert, type Moment } from "../ledger/alert-register.ts";
import type { Intake } from "../ledger/intake-journal.ts";
import { matching } from "../playbooks/match.ts";
import type { Playbook } from "../playbooks/playbook.ts";
import { type AlertCloser, closeAlert, memberLimit } from "./close-alert.ts";
import { startRun } from "./start-run.ts";

export interface AlertTaker extends AlertCloser {
  playbooks: readonly Playbook[];
  alerts: AlertRegister;
  clock: Clock;
}

export type Taken = Pick<Intake, "outcome" | "reason" | "runId">;

/**
 * Starts a run for an alert, however often and over however many ways it comes: once, and once more when the product opens it again or
 * names parties that it did not name before. `publishedAt` is when this state of it was sent, for products that do not say when they
 * changed it.
 */
export async function takeAlert(alert: Alert, publishedAt: string | undefined, taker: AlertTaker): Promise<Taken> {
  const { playbooks, alerts, clock } = taker;
  const moment = momentOf(alert, publishedAt);
  // Somebody judged it: also while its state says that it is open.
  if (alert.status === "resolved" || alert.status === "dismissed" || alert.classification === "false-positive") {
    return closeAlert(alert, moment, taker);
  }
  if (alert.classification === "benign") {
    return { outcome: "ignored", reason: "the product says that what was found is expected activity" };
  }
  if (matching(playbooks, alert).length === 0) {
    return { outcome: "ignored", reason: `no playbook answers ${alert.type} (${alert.severity})` };
  }
  const elsewhere = (await underAnotherId(alert, taker)) ?? (await byItsMembers(alert, taker));
  if (elsewhere) return elsewhere;

  const runId = `respond-${alert.key}`;
  const known = await alerts.take(alert.key, runId, clock.now());
  if (known === "new") return start(alert, runId, "a run was started", taker);
  const { closing } = known;
  const reopened = closing !== undefined && isLater(moment, closing.moment);
  if (!(await isAnswered(known, taker))) {
    if (closing && !reopened) {
      return {
        outcome: "ignored",
        reason: "the product closed this alert before, and nothing says that this state of it is newer",
      };
    }
    // A run that failed, or a delivery that came to nothing between the register and the start.
    if (known.runId !== runId || closing) await alerts.reassign(alert.key, runId, clock.now());
    return start(alert, runId, "a run was started", taker);
  }
  if (reopened) {
    const again = `${runId}-${digest(closing.moment?.at ?? "")}`;
    await alerts.reassign(alert.key, again, clock.now());
    return start(alert, again, "a run was started: the product opened the alert again", taker);
  }
  if (closing) return duplicate(known, "the alert was taken on before, and the product closed it");
  const more = await partiesUnknownTo(known, alert, taker);
  if (more)
    return start(alert, `${runId}-${more}`, "a run was started: the alert names more than it did before", taker);
  return duplicate(known, "the alert was taken on before");
}

function momentOf({ updatedAt }: Alert, publishedAt: string | undefined): Moment | undefined {
  if (updatedAt !== undefined) return { at: updatedAt, by: "product" };
  return publishedAt === undefined ? undefined : { at: publishedAt, by: "publisher" };
}

async function start(alert: Alert, runId: string, reason: string, taker: AlertTaker): Promise<Taken> {
  const deliveredAt = taker.clock.now().toISOString();
  const started = await startRun(taker.starter, { runId, alert, deliveredAt });
  return started === "exists"
    ? duplicate({ runId }, "the alert was taken on before")
    : { outcome: "accepted", reason, runId };
}

/** The same finding through another product, under an id of that product's own. */
async function underAnotherId(alert: Alert, taker: AlertTaker): Promise<Taken | undefined> {
  const { alerts, clock } = taker;
  const print = fingerprint(alert);
  const first = print && (await alerts.claim({ ...print, raisedAt: alert.raisedAt }, alert.key));
  if (first === undefined) return undefined;
  const known = await alerts.find(first);
  if (!known || !(await isAnswered(known, taker))) return undefined;
  await alerts.alias(alert.key, first, known, clock.now());
  return duplicate(known, `the same finding was taken on as ${first}`);
}

/** An incident whose alerts have all been taken on is no news. */
async function byItsMembers({ members }: Alert, taker: AlertTaker): Promise<Taken | undefined> {
  // Of larger ones it is never said that all were taken on.
  if (members.length === 0 || members.length > memberLimit) return undefined;
  const known = await Promise.all(members.map((key) => taker.alerts.find(key)));
  for (const member of known) if (!member || !(await isAnswered(member, taker))) return undefined;
  const [first] = known;
  return first && duplicate(first, `all ${members.length} alerts of the incident were taken on before`);
}

/**
 * Products add evidence to an alert after raising it. Undefined when this state of it names nobody new, or may be older than the one
 * that was answered; otherwise what makes the id of a run about them.
 */
async function partiesUnknownTo(
  { runId = "" }: KnownAlert,
  alert: Alert,
  { runs }: AlertTaker,
): Promise<string | undefined> {
  if (alert.updatedAt === undefined && alert.family !== "xdr-stream") return undefined;
  const run = await runs.get(runId);
  if (!run) return undefined;
  const answered = run.alert.updatedAt;
  if (answered !== undefined && alert.updatedAt !== undefined && alert.updatedAt <= answered) return undefined;
  const before = namedParties(run.alert);
  const now = namedParties(alert);
  return [...now].some((party) => !before.has(party)) ? partiesDigest(now) : undefined;
}

async function isAnswered({ runId, concluded }: KnownAlert, { starter }: AlertTaker): Promise<boolean> {
  return concluded || (runId !== undefined && (await starter.status(runId)) === "started");
}

function duplicate({ runId }: Pick<KnownAlert, "runId">, reason: string): Taken {
  return { outcome: "duplicate", reason, ...(runId === undefined ? {} : { runId }) };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
