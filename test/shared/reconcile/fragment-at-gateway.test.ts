import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clientAddressHeader } from "../../../local/azure/gateway/client-address.ts";
import { type FragmentEntry, fragmentId, renderFragment } from "../../../shared/reconcile/fragment-document.ts";
import { includeLine, openShop, type Shop, serviceId } from "../../support/a-shop.ts";

let shop: Shop;

beforeEach(async () => {
  shop = await openShop();
  const { policies } = shop.service;
  policies.clear();
  policies.set("", { xml: `<policies><inbound>${includeLine}</inbound></policies>`, etag: '"only-ours"' });
});
afterEach(() => shop.close());

const service = { kind: "service" } as const;
const seenAs = { header: "X-Forwarded-For" };
const proxy = "10.0.0.4";
const rate = { kind: "limit-rate", scope: service, calls: 2, periodSeconds: 60 } as const;

async function hold(...entries: FragmentEntry[]): Promise<void> {
  await shop.apiManagement.putFragment(serviceId, fragmentId, renderFragment(entries), { ifNoneMatch: "*" });
  await shop.clock.sleep(60_000);
}

/** The status that a caller gets, where the gateway has understood all that the fragment says. */
async function call(headers: Record<string, string>, from = proxy): Promise<number> {
  const answer = await fetch(`${shop.azure.gatewayUrl}/orders/1`, {
    headers: { ...headers, [clientAddressHeader]: from },
  });
  expect(answer.headers.get("x-simulated-gateway-skipped")).toBeNull();
  return answer.status;
}

async function calls(count: number, headers: Record<string, string>, from?: string): Promise<number[]> {
  const statuses: number[] = [];
  for (let n = 0; n < count; n++) statuses.push(await call(headers, from));
  return statuses;
}

const forwarded = (list: string) => ({ "X-Forwarded-For": list });

describe("without a proxy", () => {
  it("a forbidden block stops its first and its last address, and not its neighbours", async () => {
    await hold({ kind: "forbid-ip", scope: service, from: "203.0.113.0", to: "203.0.113.255" });

    const from = ["203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"];
    expect(await Promise.all(from.map((address) => call({}, address)))).toEqual([200, 403, 403, 200]);
  });

  it("a limit for each address slows down that address only", async () => {
    await hold({ ...rate, by: "each-client-ip" });

    expect(await calls(3, {}, "203.0.113.7")).toEqual([200, 200, 429]);
    expect(await calls(1, {}, "203.0.113.8")).toEqual([200]);
  });
});

describe("behind a proxy", () => {
  it("a blocked caller is stopped and another one is not, whatever either claims about itself", async () => {
    await hold({ kind: "forbid-ip", scope: service, from: "203.0.113.7", to: "203.0.113.7", seenAs });

    expect(await call(forwarded("203.0.113.7:51234"))).toBe(403);
    expect(await call(forwarded("198.51.100.1, 203.0.113.7:51234"))).toBe(403);
    expect(await call(forwarded("198.51.100.1:51234"))).toBe(200);
    expect(await call(forwarded("203.0.113.7, 198.51.100.1:51234"))).toBe(200);
    expect(await call(forwarded("[2001:db8::1]:51234"))).toBe(200);
  });

  it("a blocked caller that comes past the proxy is stopped as well", async () => {
    await hold({ kind: "forbid-ip", scope: service, from: "203.0.113.7", to: "203.0.113.7", seenAs });

    expect(await call({}, "203.0.113.7")).toBe(403);
    expect(await call({}, "203.0.113.8")).toBe(200);
  });

  it("a forbidden block stops its first and its last address, and not its neighbours", async () => {
    await hold(
      { kind: "forbid-ip", scope: service, from: "203.0.112.0", to: "203.0.113.255", seenAs },
      { kind: "forbid-ip", scope: service, from: "198.51.0.0", to: "198.51.255.255", seenAs },
    );

    const from = ["203.0.111.255", "203.0.112.0", "203.0.113.255:1", "203.0.114.0", "198.50.255.255", "198.51.7.9"];
    expect(await Promise.all(from.map((address) => call(forwarded(address))))).toEqual([200, 403, 403, 200, 200, 403]);
  });

  it("a limit for each address counts by the header, one counter whatever the port", async () => {
    await hold({ ...rate, by: "each-client-ip", seenAs });

    const ports = ["203.0.113.7:1", "203.0.113.7:2", "203.0.113.7:3", "203.0.113.8:1"];
    const statuses: number[] = [];
    for (const address of ports) statuses.push(await call(forwarded(address)));
    expect(statuses).toEqual([200, 200, 429, 200]);
  });

  it("a limit for each address keeps IPv6 callers apart", async () => {
    await hold({ ...rate, by: "each-client-ip", seenAs });

    const callers = ["[2001:db8::1]:1", "[2001:db8::1]:2", "[2001:db8::1]:3", "[2001:db8::2]:1", "2001:db8::3"];
    const statuses: number[] = [];
    for (const address of callers) statuses.push(await call(forwarded(address)));
    expect(statuses).toEqual([200, 200, 429, 200, 200]);
  });

  it("a limit of one address slows down nobody else", async () => {
    await hold({ ...rate, by: "client-ip", clientIp: { from: "203.0.113.7", to: "203.0.113.7" }, seenAs });

    expect(await calls(3, forwarded("203.0.113.7:1"))).toEqual([200, 200, 429]);
    expect(await calls(3, forwarded("203.0.113.8:1"))).toEqual([200, 200, 200]);
  });
});

describe("by subscription", () => {
  beforeEach(() => {
    const subscription = (id: string) => ({
      id,
      displayName: id,
      scope: "/apis",
      state: "active" as const,
      primaryKey: `key-of-${id}`,
      secondaryKey: `other-key-of-${id}`,
      etag: '"1"',
    });
    shop.service.subscriptions = new Map(["mobile-app", "partner"].map((id) => [id, subscription(id)]));
    for (const api of shop.service.apis.values()) api.subscriptionRequired = false;
  });

  const withKey = (id: string) => ({ "Ocp-Apim-Subscription-Key": `key-of-${id}` });

  it("a limit of one slows down its callers, whichever key they use, and neither others nor those without one", async () => {
    await hold({ ...rate, by: "subscription", subscriptionId: "mobile-app" });

    expect(await calls(2, withKey("mobile-app"))).toEqual([200, 200]);
    expect(await call({ "Ocp-Apim-Subscription-Key": "other-key-of-mobile-app" })).toBe(429);
    expect(await calls(3, withKey("partner"))).toEqual([200, 200, 200]);
    expect(await calls(3, {})).toEqual([200, 200, 200]);
  });

  it("a limit for each counts each on its own", async () => {
    await hold({ ...rate, by: "each-subscription" });

    expect(await calls(3, withKey("mobile-app"))).toEqual([200, 200, 429]);
    expect(await calls(3, withKey("partner"))).toEqual([200, 200, 429]);
    expect(await calls(3, {})).toEqual([200, 200, 429]);
  });
});

it("a limit for each value of a header counts each value on its own", async () => {
  await hold({ ...rate, by: "each-header", header: "X-Tenant" });

  expect(await calls(3, { "X-Tenant": "one" })).toEqual([200, 200, 429]);
  expect(await calls(1, { "x-tenant": "two" })).toEqual([200]);
  expect(await calls(3, {})).toEqual([200, 200, 429]);
});
