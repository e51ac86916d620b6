import type { EnforcementPoint } from "../ledger/containment.ts";
import type { Containments } from "../ledger/containments.ts";
import { failAll } from "./fail-all.ts";
import type { Pass } from "./pass.ts";

/**
 * The pass over an enforcement point that the settings no longer name: nothing is read or written there, and the ledger says so. `why` says
 * what does not name it, as in "PORTCULLIS_CONTAIN_IN does not name endpoint".
 */
export async function untouched(point: EnforcementPoint, why: string, containments: Containments): Promise<Pass> {
  return failAll(point, `${why} any more, so nothing there is touched, not even to take this out`, containments);
}
