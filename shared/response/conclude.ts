import type { Clock } from "../clock.ts";
import type { AlertRegister } from "../ledger/alert-register.ts";
import type { Run, StepOutcome, Timeline } from "../ledger/run.ts";
import type { Runs } from "../ledger/runs.ts";

export interface ConcludeInput {
  runId: string;
  /** Absent for a run by hand: what a person tries out does not count as the answer to the alert. */
  alertKey?: string;
  outcomes: StepOutcome[];
}

export interface Conclusion {
  runId: string;
  outcomes: StepOutcome[];
}

/** Writes down how it ended. A containment that is not verified by now stays in the ledger, and the timer goes on with it. */
export async function conclude(
  { runId, alertKey, outcomes }: ConcludeInput,
  { runs, alerts, clock }: { runs: Runs; alerts: AlertRegister; clock: Clock },
): Promise<Conclusion> {
  const run = await runs.get(runId);
  const now = clock.now();
  if (run) {
    const timeline = { ...run.timeline, ...stages(run, outcomes), concluded: now.toISOString() };
    await runs.save({ ...run, outcomes, timeline });
  }
  if (alertKey !== undefined) await alerts.conclude(alertKey, runId, now);
  return { runId, outcomes };
}

/** A stage is reached when all steps have reached it. What stood before this run counts as reached when the run was decided. */
function stages(
  { timeline, decision }: Run,
  outcomes: readonly StepOutcome[],
): Pick<Timeline, "accepted" | "verified"> {
  const latest = (times: readonly (string | undefined)[]) =>
    times.length > 0 && times.every((time) => time !== undefined)
      ? [timeline.decided ?? decision.decidedAt, ...times].toSorted().at(-1)
      : undefined;
  const accepted = latest(outcomes.map(({ acceptedAt }) => acceptedAt));
  const verified = latest(outcomes.map(({ verifiedAt }) => verifiedAt));
  return { ...(accepted === undefined ? {} : { accepted }), ...(verified === undefined ? {} : { verified }) };
}
