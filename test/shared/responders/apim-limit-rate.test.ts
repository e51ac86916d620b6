import { describe, expect, it } from "vitest";
import { apimLimitRate as limit } from "../../../shared/responders/apim-limit-rate.ts";

const endpoint = { kind: "api-caller", scope: { kind: "api", apiId: "orders" } } as const;
const everywhere = { kind: "api-caller", scope: { kind: "service" } } as const;
const rate = { calls: 30, periodSeconds: 60 };
const seenAs = { header: "X-Forwarded-For" };

describe("whose calls are counted together", () => {
  it.each([
    [undefined, { by: "endpoint" }],
    ["everybody", { by: "endpoint" }],
    ["client-ip", { by: "each-client-ip", seenAs }],
    ["subscription", { by: "each-subscription" }],
    [{ header: "X-Tenant" }, { by: "each-header", header: "X-Tenant" }],
  ])("with per %j is in the entry", (per, by) => {
    const wish = per === undefined ? rate : { ...rate, per };

    expect(limit.params.safeParse(wish).success).toBe(true);
    expect(limit.refusal(endpoint, wish)).toBeUndefined();
    expect(limit.entry(endpoint, [wish], seenAs)).toEqual({
      kind: "limit-rate",
      scope: endpoint.scope,
      ...by,
      ...rate,
    });
  });

  it("of a subscription are those of that subscription only", () => {
    const target = { ...endpoint, subscriptionId: "mobile-app" };

    expect(limit.refusal(target, rate)).toBeUndefined();
    expect(limit.entry(target, [rate], seenAs)).toEqual({
      kind: "limit-rate",
      scope: endpoint.scope,
      by: "subscription",
      subscriptionId: "mobile-app",
      ...rate,
    });
  });

  it("of an address behind a proxy are told by the proxy's header", () => {
    expect(limit.entry({ ...endpoint, address: "203.0.113.7" }, [rate], seenAs)).toMatchObject({
      by: "client-ip",
      seenAs,
    });
  });

  it.each(["", "X Tenant", "X-Tenant:", 'X"', "X\r\nY", "Ü", "x".repeat(101)])(
    "cannot be told by a header %j",
    (header) => {
      expect(limit.params.safeParse({ ...rate, per: { header } }).success).toBe(false);
    },
  );
});

describe("what is refused", () => {
  it("is `per` for what is one caller already", () => {
    for (const one of [{ address: "203.0.113.7" }, { subscriptionId: "mobile-app" }])
      expect(limit.refusal({ ...endpoint, ...one }, { ...rate, per: "subscription" })).toMatch(/one caller already/);
  });

  it("is one counter for every API of the service, and not one for each of its callers", () => {
    expect(limit.refusal(everywhere, rate)).toMatch(/stop everybody/);
    expect(limit.refusal(everywhere, { ...rate, per: "client-ip" })).toBeUndefined();
    expect(limit.refusal({ ...everywhere, subscriptionId: "mobile-app" }, rate)).toBeUndefined();
  });

  it("is a block of addresses, and an address of a subscription", () => {
    expect(limit.refusal({ ...endpoint, address: "203.0.113.0/24" }, rate)).toMatch(/single addresses/);
    expect(limit.refusal({ ...endpoint, address: "203.0.113.7", subscriptionId: "mobile-app" }, rate)).toMatch(
      /not of both/,
    );
  });
});

it("wishes are compared only where they count the same callers together, in any letter case of the header", () => {
  const kinds = [
    rate,
    { ...rate, per: "everybody" },
    { ...rate, per: "client-ip" },
    { ...rate, per: { header: "X-A" } },
  ];

  expect(kinds.map((wish) => limit.apart?.(wish))).toEqual(["everybody", "everybody", "client-ip", "header x-a"]);
  expect(limit.apart?.({ ...rate, per: { header: "x-A" } })).toBe("header x-a");
});
