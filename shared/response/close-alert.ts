import type { Alert } from "../alerts/alert.ts";
import type { Clock } from "../clock.ts";
import type { AlertRegister } from "../ledger/alert-register.ts";
import type { EnforcementPoint } from "../ledger/containment.ts";
import type { Containments } from "../ledger/containments.ts";
import type { Intake } from "../ledger/intake-journal.ts";
import type { Runs } from "../ledger/runs.ts";
import type { Starter } from "./start-run.ts";

export interface AlertCloser {
  alerts: AlertRegister;
  runs: Runs;
  containments: Containments;
  starter: Starter;
  clock: Clock;
}

/**
 * The product closed the alert: nothing is started, now or by an older state that comes later. If it was marked a false positive, what
 * stands because of it is let go; other owners keep theirs. A closing without that mark ends nothing: alerts are also closed because the
 * block works.
 */
export async function closeAlert(
  alert: Alert,
  status: "resolved" | "dismissed",
  changedAt: string | undefined,
  closer: AlertCloser,
): Promise<Pick<Intake, "outcome" | "reason" | "runId">> {
  const falsePositive = alert.classification === "false-positive";
  const registered = await closer.alerts.close(alert.key, { status, changedAt, falsePositive }, closer.clock.now());
  const reason = `the product says that the alert is ${status}`;
  if (!falsePositive) return { outcome: "ignored", reason };
  const released = registered ? await letGo(registered.runId, closer) : 0;
  const runId = registered ? { runId: registered.runId } : {};
  return {
    outcome: "ignored",
    reason: `${reason} and a false positive: it owns ${released} containments less`,
    ...runId,
  };
}

async function letGo(runId: string, { runs, containments, starter, clock }: AlertCloser): Promise<number> {
  const run = await runs.get(runId);
  if (!run) return 0;
  const points = new Map<string, EnforcementPoint>();
  let count = 0;
  for (const { verdict, containment } of run.decision.steps) {
    if (verdict !== "enforce" || !containment) continue;
    const { point, id } = containment;
    const reason = "the product marked the alert a false positive";
    if (!(await containments.disown(point.key, id, run.alert.key, reason, clock.now()))) continue;
    points.set(point.key, point);
    count++;
  }
  for (const point of points.values()) await starter.wake(point);
  return count;
}
