import type { Alert } from "../alerts/alert.ts";
import type { Clock } from "../clock.ts";
import type { AlertRegister, Closing, KnownAlert, Moment } from "../ledger/alert-register.ts";
import type { EnforcementPoint } from "../ledger/containment.ts";
import type { Containments } from "../ledger/containments.ts";
import type { Intake } from "../ledger/intake-journal.ts";
import type { Runs } from "../ledger/runs.ts";
import type { Starter } from "./start-run.ts";

/** So many members of an incident are looked for. */
export const memberLimit = 100;

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
  moment: Moment | undefined,
  closer: AlertCloser,
): Promise<Pick<Intake, "outcome" | "reason" | "runId">> {
  const falsePositive = alert.classification === "false-positive";
  const status = alert.status === "dismissed" ? "dismissed" : "resolved";
  const closing: Closing = { status, falsePositive, ...(moment ? { moment } : {}) };
  const known = await closer.alerts.close(alert.key, closing, closer.clock.now());
  const runId = known?.runId === undefined ? {} : { runId: known.runId };
  if (!falsePositive) return { outcome: "ignored", reason: `the product says that the alert is ${status}`, ...runId };

  let released = 0;
  for (const run of await runsOf(alert, known, closing, closer)) released += await letGo(run, closer);
  const reason = `the product says that the alert is a false positive: ${released} containments are let go`;
  return { outcome: "ignored", reason, ...runId };
}

/** The runs that answered it: under its own key, as another alert's, or as an incident through the alerts that it is made of. */
async function runsOf(
  { members }: Alert,
  known: KnownAlert | undefined,
  closing: Closing,
  { alerts, clock }: AlertCloser,
): Promise<Set<string>> {
  const runIds = new Set(known?.runId === undefined ? [] : [known.runId]);
  if (known?.firstKey !== undefined) {
    // What contains for the first alert has to see it as well.
    const first = await alerts.close(known.firstKey, closing, clock.now());
    if (first?.runId !== undefined) runIds.add(first.runId);
  }
  for (const key of members.slice(0, memberLimit)) {
    const member = await alerts.find(key);
    if (member?.runId !== undefined) runIds.add(member.runId);
  }
  return runIds;
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
