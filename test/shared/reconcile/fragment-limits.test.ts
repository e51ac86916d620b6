import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFresh } from "../../../shared/azure/fresh.ts";
import type { Containment } from "../../../shared/ledger/containment.ts";
import { containmentId } from "../../../shared/ledger/containment.ts";
import { desiredFragment } from "../../../shared/reconcile/desired-fragment.ts";
import { fragmentId, fragmentSize, readFragment } from "../../../shared/reconcile/fragment-document.ts";
import { limitsOf, maxFragmentBytes } from "../../../shared/reconcile/fragment-limits.ts";
import { responders } from "../../../shared/responders/responders.ts";
import { planFragment } from "../../../shared/response/plan-fragment.ts";
import { aFragmentPoint, type FragmentPoint, orders, point } from "../../support/a-fragment-point.ts";
import { freshInventory, start } from "../../support/a-shop.ts";

let at: FragmentPoint;

beforeEach(async () => {
  at = await aFragmentPoint();
});
afterEach(() => at.shop.close());

const now = new Date(start);
const rate = { calls: 5, periodSeconds: 60 };
const noLimit = "the Consumption tier of API Management has no rate-limit-by-key";

function wanted(
  address: string,
  more: Partial<Containment> = {},
  params: Record<string, unknown>[] = [{}],
): Containment {
  const responder = more.responder ?? "apim-block-ip";
  const target = { kind: "api-caller" as const, scope: orders, ...(address === "" ? {} : { address }) };
  return {
    id: containmentId(responder, point, target),
    responder,
    point,
    target,
    priority: 0,
    owners: params.map((one, index) => ({
      id: `alert-${index}`,
      runId: "run",
      playbook: "test",
      params: one,
      since: start,
      expiresAt: new Date(now.getTime() + 60_000).toISOString(),
    })),
    state: "requested",
    requestedAt: start,
    ...more,
  };
}

function entriesOf(xml: string) {
  const read = readFragment(xml);
  if ("foreign" in read) throw new Error(read.foreign);
  return read.entries;
}

describe("on the Consumption tier", () => {
  beforeEach(() => {
    at.shop.service.sku = "Consumption";
  });

  it("a rate limit is refused before anything is written, and keeps no block from being written", async () => {
    const limit = await at.want("apim-limit-rate", { scope: orders }, { params: rate });
    const block = await at.block("203.0.113.7");

    const { outcomes } = await at.pass();

    expect(outcomes.get(limit)).toMatchObject({ state: "failed", reason: expect.stringContaining(noLimit) });
    expect(outcomes.get(block)?.state).toBe("verified");
    expect(at.shop.takeCalls()).toEqual(["PolicyFragment_CreateOrUpdate 201"]);
  });

  it("the plan of a rate limit says so and writes nothing", async () => {
    const target = { kind: "api-caller" as const, scope: orders };
    const id = containmentId("apim-limit-rate", point, target);
    const containment = { id, point, target, params: rate, expiresAt: start };
    const { apiManagement, clock } = at.shop;
    await apiManagement.putFragment(point.resourceId, fragmentId, desired([]).xml, { ifNoneMatch: "*" });
    await clock.sleep(60_000);

    const plan = await planFragment(
      point,
      [{ playbook: "test", responder: "apim-limit-rate", verdict: "enforce", because: [], against: [], containment }],
      responders,
      {
        ...freshInventory(at.shop),
        sound: createFresh<true>(60_000, clock),
        fragments: createFresh(5_000, clock),
      },
    );

    expect(plan.doubts).toEqual([expect.stringContaining(noLimit)]);
    expect([plan.requests, plan.diff]).toEqual([[], ""]);
  });

  it("a fragment is at most as large as a policy document there", () => {
    const many = Array.from({ length: 1_000 }, (_, i) => wanted(`203.0.${i >> 8}.${i % 256}`));

    const { xml, unwritable } = desired(many, "Consumption");

    expect(fragmentSize(xml)).toBeGreaterThan(16_000);
    expect(fragmentSize(xml)).toBeLessThanOrEqual(16 * 1024);
    expect(entriesOf(xml).length + unwritable.size).toBe(1_000);
    expect(fragmentSize(desired(many, "Developer").xml)).toBeGreaterThan(16 * 1024);
  });

  function desired(containments: readonly Containment[], tier = "Consumption") {
    return desiredFragment(containments, responders, now, { limits: limitsOf(tier) });
  }
});

it("the tier is read once, however many passes there are", async () => {
  await at.block("203.0.113.7");
  await at.pass();
  await at.pass({ fresh: true });

  expect(at.shop.takeCalls("all").filter((call) => call.startsWith("ApiManagementService_Get "))).toHaveLength(1);
});

it("a tier that cannot be read holds nothing back, and is asked for again", async () => {
  at.shop.azure.faults.add({ kind: "status", operation: "ApiManagementService_Get", status: 500, count: 1 });
  const block = await at.block("203.0.113.7");

  expect((await at.pass()).outcomes.get(block)?.state).toBe("verified");
  await at.pass();
  expect(at.shop.takeCalls("all").filter((call) => call.startsWith("ApiManagementService_Get "))).toEqual([
    "ApiManagementService_Get 500",
    "ApiManagementService_Get 200",
  ]);
});

describe("where there is no room for all", () => {
  const minute = (n: number) => new Date(now.getTime() - 3_600_000 + n * 60_000).toISOString();
  const room = (bytes: number) => ({ limits: { maxBytes: bytes, refuses: () => undefined } });
  const addressesIn = (xml: string) =>
    entriesOf(xml).map((entry) => (entry.kind === "forbid-ip" ? entry.from : entry.kind));
  const older = wanted("203.0.113.1", { requestedAt: minute(1) });
  const newer = wanted("203.0.113.2", { requestedAt: minute(2) });
  const severe = wanted("203.0.113.3", { requestedAt: minute(3), priority: 3 });
  const roomForTwo = fragmentSize(desiredFragment([older, newer], responders, now, room(maxFragmentBytes)).xml);

  it("the newest is refused, with the size and the limit", () => {
    const newest = wanted("203.0.113.4", { requestedAt: minute(4) });
    const { xml, unwritable } = desiredFragment([newest, newer, older], responders, now, room(roomForTwo));

    expect(addressesIn(xml)).toEqual(["203.0.113.1", "203.0.113.2"]);
    expect([...unwritable]).toEqual([[newest.id, expect.stringContaining(`API Management takes ${roomForTwo}`)]]);
  });

  it("a more severe one comes before a less severe one, however new it is", () => {
    const { xml, unwritable } = desiredFragment([older, newer, severe], responders, now, room(roomForTwo));

    expect(addressesIn(xml)).toEqual(["203.0.113.1", "203.0.113.3"]);
    expect([...unwritable.keys()]).toEqual([newer.id]);
  });
});

it("two owners that count callers differently have both their limits, and of those that count alike the strictest", () => {
  const each = { calls: 2, periodSeconds: 60, per: "client-ip" };
  const limit = wanted("", { responder: "apim-limit-rate" }, [
    rate,
    { ...rate, calls: 9 },
    each,
    { ...each, calls: 3 },
  ]);

  const { xml, unwritable } = desiredFragment([limit], responders, now, { limits: limitsOf("Developer") });

  expect(unwritable.size).toBe(0);
  expect(entriesOf(xml)).toEqual([
    { kind: "limit-rate", scope: orders, by: "each-client-ip", calls: 2, periodSeconds: 60 },
    { kind: "limit-rate", scope: orders, by: "endpoint", calls: 5, periodSeconds: 60 },
  ]);
});
