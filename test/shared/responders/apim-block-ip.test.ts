import { describe, expect, it } from "vitest";
import { apimBlockIp } from "../../../shared/responders/apim-block-ip.ts";

const caller = { kind: "api-caller", scope: { kind: "api", apiId: "orders" } } as const;

describe("a block of addresses", () => {
  it("is forbidden from its network to its broadcast address", () => {
    expect(apimBlockIp.refusal({ ...caller, address: "203.0.113.77/24" }, {})).toBeUndefined();
    expect(apimBlockIp.entry({ ...caller, address: "203.0.113.77/24" }, [{}])).toEqual({
      kind: "forbid-ip",
      scope: caller.scope,
      from: "203.0.113.0",
      to: "203.0.113.255",
    });
  });

  it("of a /16 is the widest", () => {
    expect(apimBlockIp.refusal({ ...caller, address: "198.51.0.0/16" }, {})).toBeUndefined();
    expect(apimBlockIp.refusal({ ...caller, address: "198.51.0.0/15" }, {})).toBe(
      "a block wider than /16 holds too many who did nothing: /15 is refused",
    );
    expect(apimBlockIp.refusal({ ...caller, address: "0.0.0.0/0" }, {})).toMatch(/wider than \/16/);
  });

  it.each([
    ["2001:db8::/64", /IPv6/],
    ["203.0.113.0/33", /neither an IPv4 address nor a CIDR block/],
    ["everybody", /neither an IPv4 address nor a CIDR block/],
  ])("%s is refused, with the reason", (address, reason) => {
    expect(apimBlockIp.refusal({ ...caller, address }, {})).toMatch(reason);
  });
});

it("behind a proxy callers are told by the header that it writes", () => {
  const seenAs = { header: "X-Forwarded-For" };

  expect(apimBlockIp.entry({ ...caller, address: "203.0.113.7" }, [{}], seenAs)).toMatchObject({ seenAs });
});
