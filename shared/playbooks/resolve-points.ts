import type { Protection } from "../guardrails/guardrail.ts";
import { type EnforcementPoint, enforcementPoint, type PointKind } from "../ledger/containment.ts";
import type { Facts } from "./facts.ts";

/** Where a responder acts: at the service that the alert is about, at every firewall that was given, or in the tenant. */
export function resolvePoints(
  kind: PointKind,
  { service }: Facts,
  { firewallPolicies }: Pick<Protection, "firewallPolicies">,
): EnforcementPoint[] | { miss: string } {
  switch (kind) {
    case "apim-fragment":
    case "apim-access":
      return "miss" in service ? service : [enforcementPoint(kind, service.id)];
    case "firewall":
      return firewallPolicies.length > 0
        ? firewallPolicies.map((id) => enforcementPoint(kind, id))
        : { miss: "PORTCULLIS_FIREWALL_POLICIES names no Firewall Policy" };
    case "endpoint":
    case "identity":
    case "applications":
    case "alerts":
      return [enforcementPoint(kind)];
  }
}
