import { createHash } from "node:crypto";
import type { Alert } from "./alert.ts";

/** Those whom an alert accuses or says were hit: whom a containment could be about. */
export function namedParties({ entities }: Alert): Set<string> {
  const parties = entities.flatMap(({ foundAt: _foundAt, role, ...identity }) => {
    const accused = role === "attacker";
    const hit = role === "victim" && (identity.kind === "host" || identity.kind === "user");
    return accused || hit ? [JSON.stringify(identity).toLowerCase()] : [];
  });
  return new Set(parties);
}

/** The same for the same parties, whatever order they were named in. */
export function partiesDigest(parties: ReadonlySet<string>): string {
  return createHash("sha256")
    .update([...parties].sort().join("\n"))
    .digest("hex")
    .slice(0, 12);
}
