import { describe, expect, it } from "vitest";
import { checkEntry } from "../../../shared/reconcile/fragment-entry.ts";
import { responders } from "../../../shared/responders/responders.ts";

const api = { kind: "api", apiId: "orders" } as const;
const block = responders.get("apim-block-ip");
const limit = responders.get("apim-limit-rate");
if (!block || !limit) throw new Error("a responder is missing");

describe.each([...responders.values()])("$id", (responder) => {
  it("says of itself what the documentation and the roles are made from", () => {
    expect(responder.id).toMatch(/^[a-z]+(-[a-z]+)+$/);
    expect(responder.summary).toMatch(/^[A-Z][a-z]+ .+\.$/);
    expect(responder.d3fend).toMatch(/^D3-[A-Z]+$/);
    for (const permission of responder.permissions)
      expect(permission).toMatch(/^Microsoft\.ApiManagement\/service\/([\w/]+\/)?(read|write)$/);
    expect(responder.permissions.filter((permission) => permission.endsWith("/write"))).toEqual([
      "Microsoft.ApiManagement/service/policyFragments/write",
    ]);
  });

  it("refuses IPv6, which API Management does not document", () => {
    expect(responder.refusal({ scope: api, address: "2001:db8::1" })).toMatch(/IPv6/);
  });

  it("refuses parameters that it does not know", () => {
    expect(responder.params.safeParse({ calls: 1, periodSeconds: 60, burst: 2 }).success).toBe(false);
  });
});

describe("apim-block-ip", () => {
  it("forbids one address at a scope", () => {
    expect(block.refusal({ scope: api, address: "203.0.113.7" })).toBeUndefined();
    expect(block.entry({ scope: api, address: "203.0.113.7" }, [{}])).toEqual({
      kind: "forbid-ip",
      scope: api,
      from: "203.0.113.7",
      to: "203.0.113.7",
    });
  });

  it("refuses to forbid everybody", () => {
    expect(block.refusal({ scope: api })).toMatch(/no single address/);
    expect(() => checkEntry(block.entry({ scope: api }, [{}]))).toThrow();
  });
});

describe("apim-limit-rate", () => {
  const rate = (calls: number, periodSeconds: number) => ({ calls, periodSeconds });

  it("limits one caller, or all of an endpoint together", () => {
    expect(limit.entry({ scope: api, address: "203.0.113.7" }, [rate(30, 60)])).toEqual({
      kind: "limit-rate",
      scope: api,
      by: "client-ip",
      clientIp: { from: "203.0.113.7", to: "203.0.113.7" },
      calls: 30,
      periodSeconds: 60,
    });
    expect(limit.entry({ scope: api }, [rate(300, 60)])).toMatchObject({ by: "endpoint", calls: 300 });
  });

  it.each([
    [[rate(30, 60), rate(10, 60)], rate(10, 60)],
    [[rate(10, 60), rate(30, 60)], rate(10, 60)],
    [[rate(10, 1), rate(100, 300)], rate(100, 300)],
    [[rate(5, 300), rate(1, 30), rate(100, 60)], rate(5, 300)],
  ])("with wishes %j is as strict as the strictest per second", (wishes, strictest) => {
    expect(limit.entry({ scope: api }, wishes)).toMatchObject(strictest);
  });

  it("refuses one limit over every API of the service, but not one caller's", () => {
    expect(limit.refusal({ scope: { kind: "service" } })).toMatch(/stop everybody/);
    expect(limit.refusal({ scope: { kind: "service" }, address: "203.0.113.7" })).toBeUndefined();
  });

  it.each([[{}], [rate(0, 60)], [rate(1.5, 60)], [rate(1, 301)], [rate(1, 0)], [{ calls: "30", periodSeconds: 60 }]])(
    "does not take %j for a rate",
    (params) => {
      expect(limit.params.safeParse(params).success).toBe(false);
    },
  );
});
