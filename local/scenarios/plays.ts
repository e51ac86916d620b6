import { apiAttack } from "./api-attack.ts";
import { leakedCredential } from "./leaked-credential.ts";
import type { Play } from "./play.ts";
import { ransomware } from "./ransomware.ts";
import { vmBruteForce } from "./vm-brute-force.ts";

/** By the name that `npm run play` knows them by. */
export const plays: ReadonlyMap<string, Play> = new Map([
  ["api-attack", apiAttack],
  ["vm-brute-force", vmBruteForce],
  ["ransomware", ransomware],
  ["leaked-credential", leakedCredential],
]);
