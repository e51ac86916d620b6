import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Entity } from "../../../shared/alerts/entity.ts";
import { createGatewayLogs } from "../../../shared/azure/log-analytics.ts";
import { createApiSubscriptionLookUp } from "../../../shared/enrichment/api-subscription.ts";
import type { Facts } from "../../../shared/playbooks/facts.ts";
import { openTenant, shopId, type Tenant, workspaceId } from "../../support/a-tenant.ts";
import { aPayload, read } from "../../support/an-alert.ts";

let tenant: Tenant;

beforeAll(async () => {
  tenant = await openTenant();
});
beforeEach(async () => {
  await tenant.clock.advance(2 * 3_600_000);
  tenant.azure.faults.clear();
  tenant.workspace.forbidden = false;
  tenant.takeCalls();
});
afterAll(() => tenant.close());

const orders: Facts = { service: { id: shopId }, endpoint: { apiId: "orders" } };
const ago = (minutes: number) => new Date(tenant.clock.now().getTime() - minutes * 60_000);

function alertFrom(...addresses: string[]) {
  const entities = addresses.map(
    (address): Entity => ({ kind: "ip", role: "attacker", foundAt: "x", address, class: "documentation" }),
  );
  return { ...read(aPayload()), raisedAt: tenant.clock.now().toISOString(), entities };
}
const lookUp = () =>
  createApiSubscriptionLookUp(createGatewayLogs(tenant.connection, workspaceId), [shopId], {
    clock: tenant.clock,
    budgetMs: 2_000,
  });

describe("the subscriptions of an attacker", () => {
  it("are those whose keys the address used around the alert, the busiest first", async () => {
    tenant.logCall({ at: ago(61), subscription: "too-early" });
    tenant.logCall({ at: ago(59), subscription: "acme", status: 404 });
    tenant.logCall({ at: ago(30), subscription: "acme" });
    tenant.logCall({ at: ago(20), subscription: "acme" });
    tenant.logCall({ at: ago(20), status: 401 });
    tenant.logCall({ at: ago(-11), subscription: "too-late" });

    const { asked } = await lookUp()(alertFrom("203.0.113.66"), orders);

    const [only] = asked;
    expect(only).toEqual({
      about: "203.0.113.66",
      tookMs: expect.any(Number),
      found: {
        from: ago(60).toISOString(),
        until: ago(-10).toISOString(),
        incomplete: expect.stringMatching(/^asked at .*could not be whole$/),
        subscriptions: [
          {
            id: "acme",
            calls: 3,
            statuses: expect.arrayContaining([
              { status: 200, calls: 2 },
              { status: 404, calls: 1 },
            ]),
            firstCallAt: ago(59).toISOString(),
            lastCallAt: ago(20).toISOString(),
          },
          expect.objectContaining({ id: "", calls: 1 }),
        ],
      },
    });
  });

  it("are told of the whole service where the alert leads to no one API", async () => {
    tenant.logCall({ subscription: "acme" });
    tenant.logCall({ subscription: "acme", api: "catalog" });
    const find = lookUp();

    const one = await find(alertFrom("203.0.113.66"), orders);
    const all = await find(alertFrom("203.0.113.66"), {
      ...orders,
      endpoint: { miss: "the alert names no API endpoint" },
    });

    expect(one.asked).toMatchObject([{ found: { subscriptions: [{ calls: 1 }] } }]);
    expect(all.asked).toMatchObject([{ found: { subscriptions: [{ calls: 2 }] } }]);
  });

  it("are none where the log knows no such calls", async () => {
    const { asked } = await lookUp()(alertFrom("198.51.100.1"), orders);

    expect(asked).toMatchObject([{ found: { subscriptions: [] } }]);
  });
});

describe("an answer", () => {
  const raisedAgo = async (minutes: number) => {
    const { asked } = await lookUp()({ ...alertFrom("203.0.113.66"), raisedAt: ago(minutes).toISOString() }, orders);
    const [only] = asked;
    return only && "found" in only ? only.found.incomplete : "no answer";
  };

  it.each([
    ["its time lies in the future", 0],
    ["its time has just ended", 10],
    ["the newest lines may still be on their way", 18],
  ])("is not called whole while %s", async (_, minutes) => {
    expect(await raisedAgo(minutes)).toBe(
      `asked at ${ago(0).toISOString()}, when the log of the calls until ${ago(minutes - 10).toISOString()} could not be whole`,
    );
  });

  it("is whole when all lines have had the time to arrive", async () => {
    expect(await raisedAgo(19)).toBeUndefined();
  });

  it("that the workspace gave in part says so as well", async () => {
    tenant.workspace.partialErrors = true;
    const reasons = [await raisedAgo(19), await raisedAgo(0)];
    tenant.workspace.partialErrors = false;

    expect(reasons).toEqual([
      expect.stringMatching(/^PartialError [^;]*$/),
      expect.stringMatching(/^PartialError .*; asked at /),
    ]);
  });
});

describe("the log", () => {
  it.each<[string, Facts, RegExp]>([
    [
      "a service that is not known",
      { service: { miss: "no service" }, endpoint: { miss: "no service" } },
      /no service/,
    ],
    [
      "a service that was not given",
      { ...orders, service: { id: shopId.replace("contoso-shop", "fabrikam") } },
      /not in PORTCULLIS_API_MANAGEMENT/,
    ],
  ])("is not asked about %s", async (_, facts, reason) => {
    expect(await lookUp()(alertFrom("203.0.113.66"), facts)).toEqual({
      asked: [],
      notAsked: expect.stringMatching(reason),
    });
    expect(tenant.takeCalls()).toEqual([]);
  });

  it("is asked once for the same question, also when the identity may not ask", async () => {
    const find = lookUp();
    await find(alertFrom("203.0.113.66"), orders);
    await find(alertFrom("203.0.113.66"), orders);
    expect(tenant.takeCalls()).toHaveLength(1);

    tenant.workspace.forbidden = true;
    for (let index = 0; index < 2; index++) {
      const { asked } = await find(alertFrom("203.0.113.67"), orders);
      expect(asked).toMatchObject([{ miss: expect.stringContaining("403 InsufficientAccessError") }]);
    }
    expect(tenant.takeCalls()).toHaveLength(1);
  });

  it("is asked about ten addresses an alert at most", async () => {
    const addresses = Array.from({ length: 12 }, (_, index) => `203.0.113.${index + 1}`);

    const { asked, notAsked } = await lookUp()(alertFrom(...addresses), orders);

    expect(asked).toHaveLength(10);
    expect(notAsked).toBe("not asked: 2 more than the first 10");
    expect(tenant.takeCalls()).toHaveLength(10);
  });

  it("is not asked with what a URL could smuggle in as an API", async () => {
    const facts: Facts = { ...orders, endpoint: { apiId: 'orders" | union SecurityEvent // ?' } };

    const { asked } = await lookUp()(alertFrom("203.0.113.66"), facts);

    expect(asked).toMatchObject([{ miss: expect.stringContaining("no API's id") }]);
    expect(tenant.takeCalls()).toEqual([]);
  });
});
