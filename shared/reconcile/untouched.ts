import type { EnforcementPoint } from "../ledger/containment.ts";
import type { Containments } from "../ledger/containments.ts";
import type { StepOutcome } from "../ledger/run.ts";
import type { Pass } from "./pass.ts";

/**
 * The pass over an enforcement point that the settings no longer name: nothing is read or written there, and the ledger says so. `why` says
 * what does not name it, as in "PORTCULLIS_CONTAIN_IN does not name endpoint".
 */
export async function untouched(point: EnforcementPoint, why: string, containments: Containments): Promise<Pass> {
  const reason = `${why} any more, so nothing there is touched, not even to take this out`;
  const settlements = (await containments.at(point.key)).map((held) => {
    const outcome: StepOutcome = { containment: held.containment.id, state: "failed", reason };
    return { held, outcome };
  });
  await containments.settle(settlements);
  const outcomes = new Map(settlements.map(({ outcome }) => [outcome.containment, outcome]));
  return { outcomes, released: 0, writes: 0, trouble: reason };
}
