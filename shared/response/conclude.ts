import type { Clock } from "../clock.ts";
import type { AlertRegister } from "../ledger/alert-register.ts";
import type { StepOutcome, Timeline } from "../ledger/run.ts";
import type { Runs } from "../ledger/runs.ts";

export interface ConcludeInput {
  runId: string;
  alertKey: string;
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
  if (run)
    await runs.save({
      ...run,
      outcomes,
      timeline: { ...run.timeline, ...stages(outcomes), concluded: now.toISOString() },
    });
  await alerts.conclude(alertKey, runId, now);
  return { runId, outcomes };
}

/** A stage is reached when all steps have reached it. A containment that stood before this alert counts as reached when decided. */
function stages(outcomes: readonly StepOutcome[]): Pick<Timeline, "accepted" | "verified"> {
  const latest = (times: readonly (string | undefined)[]) =>
    times.length > 0 && times.every((time) => time !== undefined) ? times.toSorted().at(-1) : undefined;
  const accepted = latest(outcomes.map(({ acceptedAt }) => acceptedAt));
  const verified = latest(outcomes.map(({ verifiedAt }) => verifiedAt));
  return { ...(accepted === undefined ? {} : { accepted }), ...(verified === undefined ? {} : { verified }) };
}
