import type { StepOutcome } from "../ledger/run.ts";
import { describeTarget } from "../ledger/target.ts";
import type { DecidedStep } from "../playbooks/decision.ts";

/** The responder whose text says how the other steps of a run ended. */
export const reportingResponder = "alert-add-comment";

/** Product comments hold a thousand characters. */
const textLimit = 900;

/** What holds, until when, and the run's id: for people who read the alert where its product keeps it. */
export function reportText(runId: string, steps: readonly DecidedStep[], outcomes: readonly StepOutcome[]): string {
  const lines = steps.flatMap(({ responder, containment }) => {
    if (!containment) return [];
    const outcome = outcomes.find((one) => one.containment === containment.id);
    const state = outcome?.state ?? "requested";
    const until = state === "failed" ? (outcome?.reason ?? "") : `until ${containment.expiresAt}`;
    return [`${responder} on ${describeTarget(containment.target)}: ${state}, ${until}`];
  });
  return `Run ${runId}. ${lines.join(". ")}`.slice(0, textLimit);
}
