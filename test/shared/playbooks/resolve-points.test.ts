import { describe, expect, it } from "vitest";
import { enforcementPoint, PointKind } from "../../../shared/ledger/containment.ts";
import { resolvePoints } from "../../../shared/playbooks/resolve-points.ts";

const service = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ApiManagement/service/contoso-shop";
const policies = ["hub", "spoke"].map(
  (name) => `/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/firewallPolicies/${name}`,
);
const missing = { miss: "the alert names no API Management service" };
const known = { service: { id: service }, endpoint: missing };
const unknown = { service: missing, endpoint: missing };

describe.each(["apim-fragment", "apim-access"] as const)("a responder of %s", (kind) => {
  it("acts at the service that the alert is about", () => {
    expect(resolvePoints(kind, known, { firewallPolicies: policies })).toEqual([
      { kind, key: expect.stringMatching(new RegExp(`^${kind}-[0-9a-f]{20}$`)), resourceId: service },
    ]);
  });

  it("acts nowhere where the service is not known, and says why", () => {
    expect(resolvePoints(kind, unknown, { firewallPolicies: policies })).toEqual(missing);
  });
});

it("an address is blocked at every firewall that the installation was given, whatever the alert is about", () => {
  for (const facts of [known, unknown]) {
    expect(resolvePoints("firewall", facts, { firewallPolicies: policies })).toEqual(
      policies.map((id) => enforcementPoint("firewall", id)),
    );
  }
});

it("an address is blocked at no firewall where none was given, and the setting is named", () => {
  expect(resolvePoints("firewall", known, { firewallPolicies: [] })).toEqual({
    miss: "PORTCULLIS_FIREWALL_POLICIES names no Firewall Policy",
  });
});

it.each(["endpoint", "identity", "applications", "alerts"] as const)(
  "of %s a tenant has one, whatever the alert is about",
  (kind) => {
    expect(resolvePoints(kind, unknown, { firewallPolicies: [] })).toEqual([{ kind, key: kind, resourceId: "tenant" }]);
  },
);

it("two kinds of point never share a key, also at one resource", () => {
  const keys = PointKind.options.flatMap((kind) => {
    const points = resolvePoints(kind, known, { firewallPolicies: [service] });
    return "miss" in points ? [] : points.map(({ key }) => key);
  });

  expect(new Set(keys).size).toBe(PointKind.options.length);
});
