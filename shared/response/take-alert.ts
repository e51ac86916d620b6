import type { Alert } from "../alerts/alert.ts";
import { fingerprint } from "../alerts/fingerprint.ts";
import type { Clock } from "../clock.ts";
import type { AlertRegister, Registered } from "../ledger/alert-register.ts";
import type { Intake } from "../ledger/intake-journal.ts";
import { matching } from "../playbooks/match.ts";
import type { Playbook } from "../playbooks/playbook.ts";
import { type AlertCloser, closeAlert } from "./close-alert.ts";
import { startRun } from "./start-run.ts";

export interface AlertTaker extends AlertCloser {
  playbooks: readonly Playbook[];
  alerts: AlertRegister;
  clock: Clock;
}

export type Taken = Pick<Intake, "outcome" | "reason" | "runId">;

/** So many members of an incident are looked for; of larger ones it is never said that all were taken on. */
const memberLimit = 100;

/**
 * Starts at most one run for an alert, however often and over however many ways it comes. `publishedAt` is when this state of it was
 * sent, for products that do not say when they changed it.
 */
export async function takeAlert(alert: Alert, publishedAt: string | undefined, taker: AlertTaker): Promise<Taken> {
  const { playbooks, alerts, clock } = taker;
  const changedAt = alert.updatedAt ?? publishedAt;
  if (alert.status === "resolved" || alert.status === "dismissed") {
    return closeAlert(alert, alert.status, changedAt, taker);
  }
  if (matching(playbooks, alert).length === 0) {
    return { outcome: "ignored", reason: `no playbook answers ${alert.type} (${alert.severity})` };
  }
  const elsewhere = (await underAnotherId(alert, taker)) ?? (await byItsMembers(alert, taker));
  if (elsewhere) return elsewhere;

  const now = clock.now();
  const runId = `respond-${alert.key}`;
  const taken = await alerts.take(alert.key, runId, changedAt, now);
  if (taken !== "new") {
    if ("status" in taken) {
      const reason = `the product ${taken.status} this alert before; this is an older state of it`;
      return { outcome: "ignored", reason };
    }
    // Registered but with no run to be found, or one that failed: the delivery before this one came to nothing.
    if (await isAnswered(taken, taker)) return duplicate(taken, "the alert was taken on before");
  }
  const started = await startRun(taker.starter, { runId, alert, deliveredAt: now.toISOString() });
  if (started === "exists") return duplicate({ runId }, "the alert was taken on before");
  return { outcome: "accepted", reason: "a run was started", runId };
}

/** The same finding through another product, under an id of that product's own. */
async function underAnotherId(alert: Alert, taker: AlertTaker): Promise<Taken | undefined> {
  const { alerts, clock } = taker;
  const id = fingerprint(alert);
  if (id === undefined) return undefined;
  const first = await alerts.claim({ id, raisedAt: alert.raisedAt }, alert.key);
  if (first === alert.key) return undefined;
  const registered = await alerts.find(first);
  if (!registered || !(await isAnswered(registered, taker))) return undefined;
  await alerts.alias(alert.key, registered, clock.now());
  return duplicate(registered, `the same finding was taken on as ${first}`);
}

/** An incident whose alerts have all been taken on is no news. */
async function byItsMembers({ members }: Alert, taker: AlertTaker): Promise<Taken | undefined> {
  if (members.length === 0 || members.length > memberLimit) return undefined;
  const registered = await Promise.all(members.map((key) => taker.alerts.find(key)));
  for (const member of registered) if (!member || !(await isAnswered(member, taker))) return undefined;
  const [first] = registered;
  return first && duplicate(first, `all ${members.length} alerts of the incident were taken on before`);
}

async function isAnswered({ runId, concluded }: Registered, { starter }: AlertTaker): Promise<boolean> {
  return concluded || (await starter.status(runId)) === "started";
}

function duplicate({ runId }: Pick<Registered, "runId">, reason: string): Taken {
  return { outcome: "duplicate", reason, runId };
}
