import type { EnforcementPoint } from "../ledger/containment.ts";
import type { Containments } from "../ledger/containments.ts";
import type { StepOutcome } from "../ledger/run.ts";
import type { Pass } from "./pass.ts";

/** The pass over an enforcement point at which nothing may be written: the ledger says why, and what stands there stays. */
export async function failAll(point: EnforcementPoint, reason: string, containments: Containments): Promise<Pass> {
  const settlements = (await containments.at(point.key)).map((held) => {
    const outcome: StepOutcome = { containment: held.containment.id, state: "failed", reason };
    return { held, outcome };
  });
  await containments.settle(settlements);
  const outcomes = new Map(settlements.map(({ outcome }) => [outcome.containment, outcome]));
  return { outcomes, released: 0, writes: 0, trouble: reason };
}
