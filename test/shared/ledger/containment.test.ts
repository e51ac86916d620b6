import { describe, expect, it } from "vitest";
import { containmentId, enforcementPoint } from "../../../shared/ledger/containment.ts";
import type { Scope } from "../../../shared/ledger/target.ts";

const serviceId =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-shop/providers/Microsoft.ApiManagement/service/contoso-shop";
const point = enforcementPoint("apim-fragment", serviceId);
const target = {
  kind: "api-caller" as const,
  scope: { kind: "api", apiId: "orders" } as const,
  address: "203.0.113.7",
};
const id = containmentId("apim-block-ip", point, target);

describe("the id of a containment", () => {
  const ids = (scope: Scope, address?: string) =>
    containmentId("apim-block-ip", point, { kind: "api-caller", scope, ...(address === undefined ? {} : { address }) });

  it("is another for every responder, place, scope and address, and legal as a key", () => {
    const fabrikam = enforcementPoint("apim-fragment", serviceId.replace("contoso-shop", "fabrikam"));
    const all = [
      id,
      containmentId("apim-limit-rate", point, target),
      containmentId("apim-block-ip", fabrikam, target),
      ids({ kind: "service" }, "203.0.113.7"),
      ids({ kind: "service" }),
      ids({ kind: "api", apiId: "orders" }),
      ids({ kind: "api", apiId: "orders" }, "203.0.113.8"),
      ids({ kind: "operation", apiId: "orders", operationId: "get" }, "203.0.113.7"),
      ids({ kind: "operation", apiId: "a", operationId: "b/c" }),
      ids({ kind: "operation", apiId: "a/b", operationId: "c" }),
    ];

    expect(new Set(all).size).toBe(all.length);
    for (const one of all) expect(one).toMatch(/^[a-z0-9-]{1,100}$/);
  });

  it("is the same whatever the letter case of the service's id", () => {
    expect(containmentId("apim-block-ip", enforcementPoint("apim-fragment", serviceId.toUpperCase()), target)).toBe(id);
  });
});

it("has the ids of earlier versions, so that an alert finds what they contained", () => {
  const attacker = { ...target, address: "203.0.113.66" };

  expect(containmentId("apim-block-ip", point, attacker)).toBe("apim-block-ip-119ddfecc8092367f8fc");
});
