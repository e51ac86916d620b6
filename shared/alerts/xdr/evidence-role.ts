import type { Role } from "../entity.ts";
import { type Json, texts, value } from "../fields.ts";
import { createWords } from "../words.ts";

/**
 * What the documented roles of evidence mean for a containment; the others ("suspicious", "unknown") tell nothing.
 * https://learn.microsoft.com/graph/api/resources/security-alertevidence#evidencerole-values
 */
const meaningOf = createWords<Role>({
  attacked: "victim",
  compromised: "victim",
  destination: "victim",
  attacker: "attacker",
  commandAndControl: "attacker",
  source: "attacker",
  contextual: "context",
  scanned: "context",
  created: "context",
  added: "context",
  edited: "context",
  loaded: "context",
  policyViolator: "context",
});

/** The role that evidence states of itself. Most evidence states none: `roles` is `[]` in nearly all real alerts. */
export function statedRole(evidence: Json): Role | undefined {
  const stated = texts(evidence, "roles").map(meaningOf);
  if (stated.includes("victim")) return "victim";
  if (stated.includes("attacker")) return isHarmless(evidence) ? "context" : "attacker";
  return stated.includes("context") ? "context" : undefined;
}

/** An investigation has found that there is nothing to it. */
export function isHarmless(evidence: Json): boolean {
  const verdict = value(evidence, "verdict");
  return typeof verdict === "string" && verdict.toLowerCase() === "nothreatsfound";
}
