import type { EnforcementPoint } from "../ledger/containment.ts";
import type { StepOutcome } from "../ledger/run.ts";

/** What an enforcement point is asked to do. */
export interface ReconcileInput {
  point: EnforcementPoint;
  /** Whose outcome the caller wants to hear; none for a caller that only wants the world put right. */
  containments: string[];
  /** Look at the world anew, whatever was seen a moment ago: the timer does, to find drift. */
  fresh?: boolean;
}

export interface Reconciled {
  outcomes: StepOutcome[];
  /** Set when looking again can help. */
  retryAfterMs?: number;
}
