import type { Role } from "../entity.ts";
import { type Json, texts, value } from "../fields.ts";

/**
 * What the documented roles of evidence mean for a containment; the others ("suspicious", "unknown") tell nothing.
 * https://learn.microsoft.com/graph/api/resources/security-alertevidence#evidencerole-values
 */
const meanings: ReadonlyMap<string, Role> = new Map([
  ["attacked", "victim"],
  ["compromised", "victim"],
  ["destination", "victim"],
  ["attacker", "attacker"],
  ["commandandcontrol", "attacker"],
  ["source", "attacker"],
  ["contextual", "context"],
  ["scanned", "context"],
  ["created", "context"],
  ["added", "context"],
  ["edited", "context"],
  ["loaded", "context"],
  ["policyviolator", "context"],
]);

/** The role that evidence states of itself. Most evidence states none: `roles` is `[]` in nearly all real alerts. */
export function statedRole(evidence: Json): Role | undefined {
  const roles = texts(evidence, "roles");
  if (roles.length === 0) return undefined;
  const stated = new Set(roles.map((role) => meanings.get(role.toLowerCase())));
  if (stated.has("victim")) return "victim";
  if (stated.has("attacker")) return isHarmless(evidence) ? "context" : "attacker";
  return stated.has("context") ? "context" : undefined;
}

/** An investigation has found that there is nothing to it. */
export function isHarmless(evidence: Json): boolean {
  const verdict = value(evidence, "verdict");
  return typeof verdict === "string" && verdict.toLowerCase() === "nothreatsfound";
}
