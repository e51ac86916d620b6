import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StoredFragment } from "../../../shared/azure/api-management.ts";
import { createFresh } from "../../../shared/azure/fresh.ts";
import { createEnforcementPoints } from "../../../shared/ledger/enforcement-points.ts";
import { loadPlaybooks } from "../../../shared/playbooks/load-playbooks.ts";
import { responders } from "../../../shared/responders/responders.ts";
import { type Assessor, assess } from "../../../shared/response/assess.ts";
import { conclude } from "../../../shared/response/conclude.ts";
import { contain } from "../../../shared/response/contain.ts";
import type { Request } from "../../../shared/response/request.ts";
import { requestByHand } from "../../../shared/response/request-by-hand.ts";
import { anAlertRegister, aTable, someContainments, someRuns } from "../../support/a-ledger.ts";
import { aProtection } from "../../support/a-protection.ts";
import { freshInventory, include, openShop, type Shop, serviceId, start } from "../../support/a-shop.ts";
import { aPayload, read } from "../../support/an-alert.ts";
import { asksNothing } from "../../support/asks-nothing.ts";

const playbooks = await loadPlaybooks(join(import.meta.dirname, "../../../playbooks"), responders);
let shop: Shop;
let assessor: Assessor;

beforeEach(async () => {
  shop = await openShop();
  include(shop.service);
  const { apiManagement, clock } = shop;
  const inventory = freshInventory(shop);
  const reconciler = {
    apiManagement,
    containments: await someContainments(),
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
    runs: await someRuns(),
    clock,
  };
});
afterEach(() => shop.close());

const aRequest = (changes: Record<string, unknown> = {}): Request => {
  const alert = read(aPayload(changes));
  return { runId: `respond-${alert.key}`, alert, deliveredAt: start };
};
const runOf = async ({ runId }: Request) => {
  const run = await assessor.runs.get(runId);
  if (!run) throw new Error("the run was not recorded");
  return run;
};

describe("an assessment", () => {
  it("finds the API, decides, plans to the letter, records it, and writes nothing to Azure", async () => {
    const request = aRequest();

    const { enforce, decidedAt } = await assess(request, assessor);

    expect(shop.takeCalls()).toEqual([]);
    expect(decidedAt).toBe(start);
    expect(enforce.map(({ playbook, containment }) => [playbook, containment?.target])).toEqual([
      [
        "api-block-probing-caller",
        { kind: "api-caller", scope: { kind: "api", apiId: "orders" }, address: "203.0.113.66" },
      ],
    ]);
    const { plans, planHash, timeline } = await runOf(request);
    expect(plans).toEqual([
      {
        point: serviceId,
        requests: [
          {
            method: "PUT",
            url: `https://management.azure.com${serviceId}/policyFragments/portcullis-containment?api-version=2024-05-01`,
            headers: { "Content-Type": "application/json", "If-None-Match": "*" },
            body: expect.stringContaining("203.0.113.66"),
          },
        ],
        diff: expect.stringMatching(/^\+.*203\.0\.113\.66/m),
        doubts: [],
      },
    ]);
    expect(planHash).toMatch(/^[0-9a-f]{64}$/);
    expect(timeline).toEqual({ detected: "2026-11-23T09:15:00.123Z", delivered: start, decided: start });
  });

  it("is made once: a second attempt answers what was recorded, though the world has changed", async () => {
    const request = aRequest();
    const first = await assess(request, assessor);
    shop.service.apis.clear();
    await shop.clock.sleep(3_600_000);

    expect(await assess(request, assessor)).toEqual(first);
  });

  it("follows the attacker into any letter case of the path", async () => {
    const properties = {
      "Actor (Client IP)": "203.0.113.66",
      "Api Endpoint": `GET https://CONTOSO-SHOP.azure-api.net/ORDERS/7`,
    };

    const { enforce } = await assess(aRequest({ ExtendedProperties: properties }), assessor);

    expect(enforce[0]?.containment?.target).toEqual({
      kind: "api-caller",
      scope: { kind: "api", apiId: "orders" },
      address: "203.0.113.66",
    });
  });

  it("finds an API whose version stands in the URL", async () => {
    const orders = shop.service.apis.get("orders");
    if (!orders) throw new Error("the API is gone");
    shop.service.apis.set("orders", { ...orders, version: { name: "v2", scheme: "Segment" } });
    const about = (url: string) =>
      aRequest({
        SystemAlertId: url,
        ExtendedProperties: { "Actor (Client IP)": "203.0.113.66", "Api Endpoint": `GET https://${url}` },
      });
    const host = "contoso-shop.azure-api.net";

    const versioned = await assess(about(`${host}/orders/v2/1004`), assessor);
    const plain = await assess(about(`${host}/orders/1004`), assessor);

    expect(versioned.enforce.map(({ containment }) => containment?.target)).toEqual([
      { kind: "api-caller", scope: { kind: "api", apiId: "orders" }, address: "203.0.113.66" },
    ]);
    expect(plain.enforce).toEqual([]);
  });

  it("shows the plan and enforces nothing when it only observes", async () => {
    const request = aRequest();

    const { enforce } = await assess(request, { ...assessor, mode: "observe" });

    expect(enforce).toEqual([]);
    expect((await runOf(request)).plans[0]?.requests).toHaveLength(1);
  });

  it("asks nothing of a service that it was not given", async () => {
    const request = aRequest();

    const { enforce } = await assess(request, { ...assessor, protection: aProtection() });

    expect(enforce).toEqual([]);
    expect(shop.takeCalls("all")).toEqual([]);
    expect((await runOf(request)).decision.steps[0]?.against.join()).toContain("PORTCULLIS_API_MANAGEMENT");
  });

  it("tells beforehand what would keep the containment from holding", async () => {
    shop.service.policies.set("apis/orders", { xml: "<policies><inbound /></policies>", etag: '"no-base"' });
    const request = aRequest();

    await assess(request, assessor);

    expect((await runOf(request)).plans[0]?.doubts.join()).toContain("apis/orders has no <base />");
  });

  it("is tried again when Azure does not answer just now", async () => {
    shop.azure.faults.add({ kind: "status", operation: "Api_ListByService", status: 503, count: 1 });
    const request = aRequest();

    await expect(assess(request, assessor)).rejects.toMatchObject({ transient: true });
    expect((await assess(request, assessor)).enforce).toHaveLength(1);
  });

  it.each([
    ["/apis/orders/policies/", "plan", "enforce"],
    ["/policyFragments/", "plan", "enforce"],
    ["/apis?", "decision", "refuse"],
    ["/operations?", "decision", "refuse"],
    ["/service/contoso-shop?", "decision", "refuse"],
  ])("that may not read %s says so in its %s and is not tried again: %s", async (path, where, verdict) => {
    const forbidden = { error: { code: "AuthorizationFailed", message: "No authorization to read." } };
    shop.intercept(({ url }) => (url.includes(path) ? { status: 403, body: forbidden } : undefined));
    const request = aRequest();

    await assess(request, assessor);

    const { decision, plans } = await runOf(request);
    expect(decision.steps.map((step) => step.verdict)).toEqual([verdict]);
    const told =
      where === "plan" ? plans.flatMap(({ doubts }) => doubts) : decision.steps.flatMap(({ against }) => against);
    expect(told.join()).toContain("403 AuthorizationFailed No authorization to read.");
  });

  it("says of a service that is looked for by its host name why it could not be asked", async () => {
    const forbidden = { error: { code: "AuthorizationFailed", message: "No authorization to read." } };
    shop.intercept(({ url }) =>
      url.includes("/service/contoso-shop?") ? { status: 403, body: forbidden } : undefined,
    );
    const request = aRequest({
      ResourceIdentifiers: [],
      ExtendedProperties: { ...Object(aPayload().ExtendedProperties), ResourceId: "" },
    });

    await assess(request, assessor);

    const [step] = (await runOf(request)).decision.steps;
    expect(step?.against.join()).toMatch(/answers for contoso-shop\.azure-api\.net; .*403 AuthorizationFailed/);
  });

  it("asks nothing of a service that it was not given, also when a person names it", async () => {
    const asked: string[] = [];
    shop.intercept(({ url }) => {
      asked.push(url);
      return undefined;
    });
    const playbook = playbooks.find(({ name }) => name === "api-block-probing-caller");
    if (!playbook) throw new Error("the playbook is gone");
    const service = serviceId.replace("contoso-shop", "somebody-elses");
    const body = { target: { service, address: "203.0.113.7", api: "orders" }, mode: "enforce" };
    const request = requestByHand({ playbook, body, key: "1", by: "x", now: shop.clock.now(), known: [serviceId] });

    const { enforce } = await assess(request, assessor);

    expect(enforce).toEqual([]);
    expect(asked).toEqual([]);
    const [step] = (await runOf(request)).decision.steps;
    expect(step?.against.join()).toContain("not in PORTCULLIS_API_MANAGEMENT");
  });

  it.each([
    ["an API that a person names", { address: "203.0.113.7", api: "catalog" }, { kind: "api", apiId: "catalog" }],
  ])("takes %s", async (_, target, scope) => {
    const playbook = playbooks.find(({ name }) => name === "api-block-probing-caller");
    if (!playbook) throw new Error("the playbook is gone");
    const body = { target, mode: "enforce", duration: "PT10M" };
    const now = shop.clock.now();
    const request = requestByHand({ playbook, body, key: "1", by: "someone@contoso.com", now, known: [serviceId] });

    const { enforce } = await assess(request, assessor);

    expect(enforce[0]?.containment).toMatchObject({
      target: { kind: "api-caller", scope, address: "203.0.113.7" },
      expiresAt: new Date(now.getTime() + 600_000).toISOString(),
    });
    expect(await runOf(request)).toMatchObject({ requestedBy: "someone@contoso.com" });
  });

  it.each([
    [{ address: "203.0.113.7", api: "nobody" }, "has no API nobody"],
    [{ address: "203.0.113.7", api: "orders", operation: "nobody" }, "no operation nobody"],
    [{ address: "203.0.113.7" }, "names no API endpoint"],
    [{ api: "orders" }, "names no attacker address"],
  ])("refuses %j, and says why", async (target, reason) => {
    const playbook = playbooks.find(({ name }) => name === "api-block-probing-caller");
    if (!playbook) throw new Error("the playbook is gone");
    const body = { target, mode: "enforce" };
    const request = requestByHand({ playbook, body, key: "1", by: "x", now: shop.clock.now(), known: [serviceId] });

    expect((await assess(request, assessor)).enforce).toEqual([]);
    expect((await runOf(request)).decision.steps[0]?.against.join()).toContain(reason);
  });
});

describe("what follows an assessment", () => {
  it("is written to the ledger and may be written twice, with the enforcement point remembered first", async () => {
    const request = aRequest();
    const { enforce, decidedAt, priority } = await assess(request, assessor);
    const table = await aTable("Points");
    const ledger = {
      containments: assessor.reconciler.containments,
      points: createEnforcementPoints(table),
      alerts: await anAlertRegister(),
      clock: shop.clock,
    };
    const wish = { runId: request.runId, ownerId: request.alert.key, decidedAt, priority, steps: enforce };

    const [first, again] = [await contain(wish, ledger), await contain(wish, ledger)];

    expect(again).toEqual(first);
    const [only] = first;
    expect(await createEnforcementPoints(table).all()).toEqual([only?.point]);
    const held = await ledger.containments.at(only?.point.key ?? "");
    expect(held.map(({ containment }) => [containment.id, containment.owners.length])).toEqual([
      [only?.containments[0], 1],
    ]);
  });

  it("is concluded with the stages that all steps have reached, and no other", async () => {
    const request = aRequest();
    await assess(request, assessor);
    const alerts = await anAlertRegister();
    await alerts.take(request.alert.key, request.runId, shop.clock.now());
    const [early, late] = ["2026-11-23T09:30:01.000Z", "2026-11-23T09:30:02.000Z"];
    const outcomes = [
      { containment: "a", state: "verified" as const, acceptedAt: late, verifiedAt: late },
      { containment: "b", state: "accepted" as const, acceptedAt: early },
    ];
    const input = { runId: request.runId, alertKey: request.alert.key, outcomes };

    await conclude(input, { runs: assessor.runs, alerts, clock: shop.clock });

    const { timeline } = await runOf(request);
    expect(timeline).toMatchObject({ accepted: late, concluded: start });
    expect(timeline).not.toHaveProperty("verified");
    expect(await alerts.take(request.alert.key, "other", shop.clock.now())).toEqual({
      runId: request.runId,
      concluded: true,
    });
  });
});
