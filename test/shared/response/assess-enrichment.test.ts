import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StoredFragment } from "../../../shared/azure/api-management.ts";
import { AzureError } from "../../../shared/azure/azure-error.ts";
import { createFresh } from "../../../shared/azure/fresh.ts";
import type { OwnAddresses } from "../../../shared/azure/own-addresses.ts";
import { createLookUps } from "../../../shared/enrichment/enrich.ts";
import { createContainments } from "../../../shared/ledger/containments.ts";
import { createRuns } from "../../../shared/ledger/runs.ts";
import { loadPlaybooks } from "../../../shared/playbooks/load-playbooks.ts";
import { responders } from "../../../shared/responders/responders.ts";
import { type Assessor, assess } from "../../../shared/response/assess.ts";
import type { Request } from "../../../shared/response/request.ts";
import { aProtection } from "../../support/a-protection.ts";
import { freshInventory, include, openShop, type Shop, serviceId, start } from "../../support/a-shop.ts";
import { aPayload, read } from "../../support/an-alert.ts";
import { asksNothing } from "../../support/asks-nothing.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { memoryTable } from "../../support/memory-table.ts";

const playbooks = await loadPlaybooks(join(import.meta.dirname, "../../../playbooks"), responders);
const alert = read(aPayload());
const request: Request = { runId: `respond-${alert.key}`, alert, deliveredAt: start };
/** Stands still: nothing here is slow. */
const still = createManualClock(start);
let shop: Shop;
let assessor: Assessor;

beforeEach(async () => {
  shop = await openShop();
  include(shop.service);
  const { apiManagement, clock } = shop;
  const inventory = freshInventory(shop);
  const reconciler = {
    apiManagement,
    containments: createContainments(memoryTable(), memoryTable()),
    responders,
    apis: inventory.apis,
    operations: inventory.operations,
    sound: createFresh<true>(60_000, clock),
    fragments: createFresh<StoredFragment | undefined>(5_000, clock),
    clock,
  };
  assessor = {
    playbooks,
    responders,
    protection: aProtection({ apiManagement: [serviceId] }),
    mode: "enforce",
    maxDuration: 7 * 86_400_000,
    inventory,
    reconciler,
    ...asksNothing({ reconciler, clock }),
    runs: createRuns(memoryTable()),
    clock,
  };
});
afterEach(() => shop.close());

const withOwn = (inSubscription: OwnAddresses["inSubscription"]): Assessor => {
  const ownAddresses = { inSubscription, ofApiManagement: async () => [] };
  return { ...assessor, lookUps: createLookUps({ clock: still, services: [serviceId], ownAddresses }) };
};
const run = async () => {
  const found = await assessor.runs.get(request.runId);
  if (!found) throw new Error("the run was not recorded");
  return found;
};
const gateway = {
  network: "203.0.113.66",
  resourceId: "/subscriptions/x/resourceGroups/rg/providers/Microsoft.Network/publicIPAddresses/pip",
  boundTo:
    "/subscriptions/x/resourceGroups/rg/providers/Microsoft.Network/applicationGateways/agw/frontendIPConfigurations/f",
};

describe("what was looked up about an alert", () => {
  it("is recorded with the run, and says what was not asked", async () => {
    await assess(request, assessor);

    const { enrichment } = await run();
    expect(enrichment?.machines).toEqual({
      asked: [],
      notAsked: "not asked: PORTCULLIS_LOOKUPS does not name machines",
    });
    expect(enrichment?.apiSubscriptions.notAsked).toContain("PORTCULLIS_LOG_ANALYTICS_WORKSPACE");
  });

  it("keeps our own gateway from being blocked, and the decision says whose address it is", async () => {
    const { enforce } = await assess(
      request,
      withOwn(async () => [gateway]),
    );

    expect(enforce).toEqual([]);
    const { decision, enrichment } = await run();
    expect(decision.steps.map(({ verdict, against }) => [verdict, against])).toEqual([
      ["refuse", ["own-address: 203.0.113.66 is our own: the application gateway agw"]],
    ]);
    expect(enrichment?.ownAddresses.asked).toMatchObject([{ found: { own: true } }]);
  });

  it("keeps a machine of ours from being blocked, and shows what would be done", async () => {
    const boundTo = gateway.boundTo.replace("applicationGateways/agw/frontend", "networkInterfaces/vm-nic/");
    const { enforce } = await assess(
      request,
      withOwn(async () => [{ ...gateway, boundTo }]),
    );

    expect(enforce).toEqual([]);
    const { decision, plans } = await run();
    expect(decision.steps).toMatchObject([
      { verdict: "observe", against: [expect.stringMatching(/^own-address: .*the network interface vm-nic/)] },
    ]);
    expect(plans).toMatchObject([{ requests: [{ method: "PUT" }] }]);
  });

  it("says of every address that nobody could check it where the look-up is switched off, and blocks it all the same", async () => {
    const { enforce } = await assess(request, assessor);

    expect(enforce).toHaveLength(1);
    expect((await run()).decision.steps.map(({ against }) => against)).toEqual([
      ["own-address: not checked: PORTCULLIS_LOOKUPS does not name own-addresses"],
    ]);
  });

  it("says it of an address that the look-up left out", async () => {
    const left = { asked: [], notAsked: "not asked: 1 more than the first 100" };
    const lookUps = { ...createLookUps({ clock: still }), ownAddresses: async () => left };
    await assess(request, { ...assessor, lookUps });

    expect((await run()).decision.steps[0]?.against).toEqual(["own-address: not checked: 1 more than the first 100"]);
  });

  it("lets a stranger be blocked", async () => {
    const { enforce } = await assess(
      request,
      withOwn(async () => [{ ...gateway, network: "203.0.113.10" }]),
    );

    expect(enforce).toHaveLength(1);
    expect((await run()).decision.steps[0]?.against).toEqual([]);
  });

  it.each([
    ["forbidden", new AzureError("list", { status: 403, code: "AuthorizationFailed", message: "no" }), "403"],
    ["throttled", new AzureError("list", { status: 429, code: "TooManyRequests", message: "wait" }), "429"],
    ["broken", new TypeError("x is not a function"), "the look-up failed"],
  ])(
    "does not hold a containment back when it is %s, and the decision says that nobody could check",
    async (_, error, said) => {
      const { enforce } = await assess(
        request,
        withOwn(() => Promise.reject(error)),
      );

      expect(enforce).toHaveLength(1);
      expect((await run()).decision.steps[0]?.against).toEqual([
        expect.stringMatching(new RegExp(`^own-address: not checked: .*${said}`)),
      ]);
    },
  );
});

it("reads runs that were recorded before anything was looked up", async () => {
  const table = memoryTable();
  await assess(request, { ...assessor, runs: createRuns(table) });
  const row = await table.get(request.runId, "run");
  const { enrichment: _, ...old } = JSON.parse(String(row?.columns.json));
  await table.upsert({ partitionKey: request.runId, rowKey: "run", columns: { json: JSON.stringify(old) } });

  const found = await createRuns(table).get(request.runId);

  expect(found?.id).toBe(request.runId);
  expect(found).not.toHaveProperty("enrichment");
});
