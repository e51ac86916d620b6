import { attackableAddress } from "./attackable-address.ts";
import type { Protection, StandingGuardrail, StandingProposal } from "./guardrail.ts";
import { knownEnforcementPoint } from "./known-enforcement-point.ts";
import { protectedIdentity } from "./protected-identity.ts";
import { protectedMachine } from "./protected-machine.ts";
import { protectedNetwork } from "./protected-network.ts";

const rules: readonly StandingGuardrail[] = [
  knownEnforcementPoint,
  attackableAddress,
  protectedNetwork,
  protectedIdentity,
  protectedMachine,
];

/**
 * Why a containment must not be applied now, whatever was decided when: the settings may have changed since, or the ledger. Undefined
 * when nothing stands against it; a rule that cannot tell says no.
 */
export function standingObjection(proposal: StandingProposal, protection: Protection): string | undefined {
  for (const { id, check } of rules) {
    try {
      const objection = check(proposal, protection);
      if (objection) return `${id}: ${objection.reason}`;
    } catch (error) {
      return `${id}: the guardrail failed: ${error instanceof Error ? error.message : "unknown error"}`;
    }
  }
  return undefined;
}
