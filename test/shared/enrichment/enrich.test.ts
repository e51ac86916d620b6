import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createOwnAddresses } from "../../../shared/azure/own-addresses.ts";
import { createLookUps, enrich, type LookUps } from "../../../shared/enrichment/enrich.ts";
import { Enrichment, type Facts } from "../../../shared/playbooks/facts.ts";
import { networkId, openTenant, shopId, type Tenant } from "../../support/a-tenant.ts";
import { aPayload, read } from "../../support/an-alert.ts";
import { createManualClock } from "../../support/manual-clock.ts";

let tenant: Tenant;

beforeAll(async () => {
  tenant = await openTenant();
});
beforeEach(() => {
  tenant.azure.faults.clear();
  tenant.takeCalls();
});
afterAll(() => tenant.close());

const facts: Facts = { service: { id: shopId }, endpoint: { apiId: "orders" } };
const alert = read(aPayload());
const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
};

it("that nothing was given for says of every part that it was not asked, and asks nothing", async () => {
  const found = await enrich(alert, createLookUps({ clock: tenant.clock }), facts);

  expect(Object.values(found).map(({ asked, notAsked }) => [asked, notAsked])).toEqual([
    [[], "not asked: PORTCULLIS_LOOKUPS does not name machines"],
    [[], "not asked: PORTCULLIS_LOOKUPS does not name directory"],
    [[], "not asked: PORTCULLIS_LOOKUPS does not name own-addresses"],
    [[], "not asked: PORTCULLIS_LOG_ANALYTICS_WORKSPACE is not set"],
  ]);
  expect(Enrichment.parse(found)).toEqual(found);
});

it("goes on without a part that breaks", async () => {
  const lookUps: LookUps = {
    ...createLookUps({ clock: tenant.clock }),
    machines: () => {
      throw new TypeError("x is not a function");
    },
    identities: () => Promise.reject(new Error("broken")),
  };

  const { machines, identities, ownAddresses } = await enrich(alert, lookUps, facts);

  expect(machines.notAsked).toBe("not asked: the look-up failed: x is not a function");
  expect(identities.notAsked).toBe("not asked: the look-up failed: broken");
  expect(ownAddresses.notAsked).toContain("PORTCULLIS_LOOKUPS");
});

describe("a slow service", () => {
  it("is waited for no longer than its budget, and its late answer serves the next alert", async () => {
    const { clock } = tenant;
    tenant.network.publicIPAddresses.push({
      id: networkId("publicIPAddresses", "pip"),
      ipAddress: "203.0.113.66",
      ipConfigurationId: networkId("applicationGateways", "agw"),
    });
    tenant.azure.faults.add({ kind: "slow", operation: "PublicIPAddresses_ListAll", ms: 5_000, count: 1 });
    const lookUps = createLookUps({ clock, services: [shopId], ownAddresses: createOwnAddresses(tenant.connection) });

    const first = enrich(alert, lookUps, facts);
    await until(() => clock.waits().includes(5_000));
    await clock.advance(2_000);
    expect((await first).ownAddresses.asked).toEqual([
      { about: "203.0.113.66", tookMs: 2_000, miss: "no answer within 2000 ms" },
    ]);

    await clock.advance(3_000);
    const next = await enrich(alert, lookUps, facts);
    expect(next.ownAddresses.asked).toMatchObject([{ found: { own: true, owner: "the application gateway agw" } }]);
    expect(tenant.takeCalls()).toHaveLength(3);
  });

  it("holds up no other: all are asked at the same time", async () => {
    const clock = createManualClock();
    const endless = () => new Promise<never>(() => {});
    const lookUps = createLookUps({
      clock,
      services: [shopId],
      budgetMs: 500,
      ownAddresses: { inSubscription: endless, ofApiManagement: endless },
      gatewayLogs: { callsFrom: endless },
    });

    const found = enrich(alert, lookUps, facts);
    await until(() => clock.waits().length === 3);
    await clock.advance(500);

    const { ownAddresses, apiSubscriptions } = await found;
    expect([...ownAddresses.asked, ...apiSubscriptions.asked].map(({ tookMs }) => tookMs)).toEqual([500, 500]);
  });
});
