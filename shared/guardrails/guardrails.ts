import { attackableAddress } from "./attackable-address.ts";
import type { Guardrail, Objection, Proposal, Protection } from "./guardrail.ts";
import { irreversibleStep } from "./irreversible-step.ts";
import { knownEnforcementPoint } from "./known-enforcement-point.ts";
import { openAlert } from "./open-alert.ts";
import { ownAddress } from "./own-address.ts";
import { protectedIdentity } from "./protected-identity.ts";
import { protectedMachine } from "./protected-machine.ts";
import { protectedNetwork } from "./protected-network.ts";
import { sampleAlert } from "./sample-alert.ts";

const guardrails: readonly Guardrail[] = [
  openAlert,
  sampleAlert,
  knownEnforcementPoint,
  attackableAddress,
  protectedNetwork,
  ownAddress,
  protectedIdentity,
  protectedMachine,
  irreversibleStep,
];

/** Every objection to a proposal. A guardrail that cannot tell says no. */
export function objections(
  proposal: Proposal,
  protection: Protection,
  rules: readonly Guardrail[] = guardrails,
): (Objection & { guardrail: string })[] {
  return rules.flatMap((rule) => {
    try {
      const objection = rule.check(proposal, protection);
      return objection ? [{ ...objection, guardrail: rule.id }] : [];
    } catch (error) {
      const reason = `the guardrail failed: ${error instanceof Error ? error.message : "unknown error"}`;
      return [{ verdict: "refuse" as const, reason, guardrail: rule.id }];
    }
  });
}
