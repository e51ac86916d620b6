import { describe, expect, it } from "vitest";
import type { Protection } from "../../../shared/guardrails/guardrail.ts";
import { knownEnforcementPoint, unknownPoint } from "../../../shared/guardrails/known-enforcement-point.ts";
import { type EnforcementPoint, enforcementPoint, PointKind } from "../../../shared/ledger/containment.ts";
import { aProtection } from "../../support/a-protection.ts";

const service = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ApiManagement/service/contoso-shop";
const policy = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/firewallPolicies/hub";
const tenant = ["endpoint", "identity", "applications", "alerts"] as const;
/** What names a point of the kind, and nothing more. */
const naming: Readonly<Record<PointKind, Partial<Protection>>> = {
  "apim-fragment": { apiManagement: [service] },
  "apim-access": { apiManagement: [service] },
  firewall: { firewallPolicies: [policy] },
  endpoint: { tenant: ["endpoint"] },
  identity: { tenant: ["identity"] },
  applications: { tenant: ["applications"] },
  alerts: { tenant: ["alerts"] },
};

function pointOf(kind: PointKind): EnforcementPoint {
  if (kind === "apim-fragment" || kind === "apim-access") return enforcementPoint(kind, service);
  return kind === "firewall" ? enforcementPoint(kind, policy) : enforcementPoint(kind);
}

const check = (point: EnforcementPoint, protection: Protection) =>
  knownEnforcementPoint.check(
    { responder: "any", point, target: { kind: "address", address: "203.0.113.7" } },
    protection,
  );

describe.each(PointKind.options)("%s", (kind) => {
  const point = pointOf(kind);

  it("may be written to where the settings name it, in any letter case", () => {
    const known = aProtection(naming[kind]);

    expect(check(point, known)).toBeUndefined();
    expect(unknownPoint(point, known)).toBeUndefined();
    if (point.resourceId === "tenant") return;
    expect(unknownPoint({ ...point, resourceId: point.resourceId.toUpperCase() }, known)).toBeUndefined();
  });

  it("may not where the settings name all the others, and the reason names the setting", () => {
    const others = PointKind.options.filter((other) => JSON.stringify(naming[other]) !== JSON.stringify(naming[kind]));
    const lists = others.map((other) => naming[other]);
    const allOthers = aProtection({
      apiManagement: lists.flatMap(({ apiManagement = [] }) => apiManagement),
      firewallPolicies: lists.flatMap(({ firewallPolicies = [] }) => firewallPolicies),
      tenant: lists.flatMap(({ tenant: named = [] }) => named),
    });

    expect(check(point, allOthers)).toEqual({ verdict: "refuse", reason: unknownPoint(point, allOthers) });
    expect(unknownPoint(point, allOthers)).toMatch(
      /PORTCULLIS_(API_MANAGEMENT|FIREWALL_POLICIES|CONTAIN_IN does not name [a-z]+)$/,
    );
  });
});

it.each([
  ["apim-fragment", `${service}-2`, "this API Management service is not in PORTCULLIS_API_MANAGEMENT"],
  ["apim-access", `${service}-2`, "this API Management service is not in PORTCULLIS_API_MANAGEMENT"],
  ["apim-access", policy, "this API Management service is not in PORTCULLIS_API_MANAGEMENT"],
  ["firewall", `${policy}-2`, "this Firewall Policy is not in PORTCULLIS_FIREWALL_POLICIES"],
  ["firewall", service, "this Firewall Policy is not in PORTCULLIS_FIREWALL_POLICIES"],
] as const)("%s of %s is another one", (kind, resourceId, reason) => {
  const everything = aProtection({ apiManagement: [service], firewallPolicies: [policy], tenant });

  expect(unknownPoint(enforcementPoint(kind, resourceId), everything)).toBe(reason);
});
