import type { Alert } from "../alerts/alert.ts";
import { readAlert } from "../alerts/read-alert.ts";
import { unwrap } from "../alerts/unwrap.ts";
import type { Clock } from "../clock.ts";
import type { AlertRegister } from "../ledger/alert-register.ts";
import type { Intake, IntakeJournal } from "../ledger/intake-journal.ts";
import { matching } from "../playbooks/match.ts";
import type { Playbook } from "../playbooks/playbook.ts";
import { type Starter, startRun } from "./start-run.ts";

export interface Receiver {
  playbooks: readonly Playbook[];
  alerts: AlertRegister;
  journal: IntakeJournal;
  starter: Starter;
  clock: Clock;
}

/**
 * Takes one event and starts at most one run for the alert in it. Whatever cannot be used is recorded and taken all the same: an error
 * answer would have Event Grid send good events again, or drop bad ones unseen. Throws only when recording or starting fails.
 */
export async function receive(event: unknown, receiver: Receiver): Promise<Intake> {
  const { journal, clock } = receiver;
  const intake = await judge(event, receiver);
  await journal.record(intake, clock.now());
  return intake;
}

async function judge(event: unknown, { playbooks, alerts, starter, clock }: Receiver): Promise<Intake> {
  const unwrapped = unwrap(event);
  if ("refused" in unwrapped)
    return { eventId: unwrapped.eventId ?? "unknown", outcome: "refused", reason: unwrapped.refused };
  const { eventId, payload } = unwrapped;
  const reading = readAlert(payload);
  if ("refused" in reading) return { eventId, outcome: "refused", reason: reading.refused };
  const { alert } = reading;
  const about = { eventId, alertKey: alert.key };

  if (alert.status === "resolved" || alert.status === "dismissed") {
    return { ...about, outcome: "ignored", reason: `the product says that the alert is ${alert.status}` };
  }
  if (matching(playbooks, alert).length === 0) {
    return { ...about, outcome: "ignored", reason: `no playbook answers ${alert.type} (${alert.severity})` };
  }
  return { ...about, ...(await startOnce(alert, alerts, starter, clock)) };
}

async function startOnce(
  alert: Alert,
  alerts: AlertRegister,
  starter: Starter,
  clock: Clock,
): Promise<Pick<Intake, "outcome" | "reason" | "runId">> {
  const now = clock.now();
  const runId = `respond-${alert.key}`;
  const taken = await alerts.take(alert.key, runId, now);
  const duplicate = { outcome: "duplicate", reason: "the alert was taken on before", runId } as const;
  // Registered but with no run to be found, or one that failed: the delivery before this one came to nothing.
  if (taken !== "new" && (taken.concluded || (await starter.status(runId)) === "started")) return duplicate;
  const started = await startRun(starter, { runId, alert, deliveredAt: now.toISOString() });
  if (started === "exists") return duplicate;
  return { outcome: "accepted", reason: "a run was started", runId };
}
