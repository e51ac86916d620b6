import { sameArmId } from "../arm-id.ts";
import type { EnforcementPoint } from "../ledger/containment.ts";
import type { Protection, StandingGuardrail } from "./guardrail.ts";

/** An alert names the resource that it is about; only what the installation was given may be written to. */
export const knownEnforcementPoint: StandingGuardrail = {
  id: "known-enforcement-point",
  check({ point }, protection) {
    const reason = unknownPoint(point, protection);
    return reason === undefined ? undefined : { verdict: "refuse", reason };
  },
};

/** Why a point may not be written to; undefined when the settings name it. */
export function unknownPoint(
  { kind, resourceId }: EnforcementPoint,
  { apiManagement, firewallPolicies, tenant }: Pick<Protection, "apiManagement" | "firewallPolicies" | "tenant">,
): string | undefined {
  const among = (ids: readonly string[]) => ids.some((id) => sameArmId(id, resourceId));
  switch (kind) {
    case "apim-fragment":
    case "apim-access":
      return among(apiManagement) ? undefined : "this API Management service is not in PORTCULLIS_API_MANAGEMENT";
    case "firewall":
      return among(firewallPolicies) ? undefined : "this Firewall Policy is not in PORTCULLIS_FIREWALL_POLICIES";
    case "endpoint":
    case "identity":
    case "applications":
    case "alerts":
      return tenant.includes(kind) ? undefined : `PORTCULLIS_CONTAIN_IN does not name ${kind}`;
  }
}
