import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import * as z from "zod";
import { createFresh } from "../../shared/azure/fresh.ts";
import { containmentId, enforcementPoint } from "../../shared/ledger/containment.ts";
import { createContainments } from "../../shared/ledger/containments.ts";
import type { Scope, Target } from "../../shared/ledger/target.ts";
import { bootstrapService, removeBootstrap } from "../../shared/reconcile/bootstrap-service.ts";
import { parsePolicy } from "../../shared/reconcile/policy-tree.ts";
import { type Reconciler, reconcileFragment } from "../../shared/reconcile/reconcile-fragment.ts";
import { responders } from "../../shared/responders/responders.ts";
import { freshInventory, openShop, type Shop, serviceId } from "../support/a-shop.ts";
import {
  type CustomerPolicy,
  globalPolicy,
  namedValues,
  narrowerPolicy,
  ownFragment,
} from "../support/arbitrary-customer-policy.ts";
import { memoryTable } from "../support/memory-table.ts";
import { simulatedToken } from "./support/simulated-identity.ts";

const point = enforcementPoint("apim-fragment", serviceId);
const batches = 10;
const perBatch = 100;
const customer = "192.0.2.10";
const minute = 60_000;

let shop: Shop;
let authorization: string;
beforeAll(async () => {
  shop = await openShop();
  authorization = `Bearer ${(await simulatedToken(shop.azure.url, "https://management.azure.com")).token}`;
  for (const id of namedValues) shop.service.namedValues.set(id, { id, displayName: id, value: "gold" });
});
afterAll(() => shop.close());
beforeEach(() => expect.hasAssertions());

it(
  "means the same after the bootstrap and after 1,000 blocks and releases, and is the old text when the bootstrap goes",
  () =>
    fc.assert(
      fc.asyncProperty(globalPolicy, narrowerPolicy, narrowerPolicy, async (global, api, operation) => {
        startAfresh();
        await store("", global);
        await store("/apis/orders", api);
        await store("/apis/orders/operations/get-order", operation);
        const before = await seen();

        await bootstrapService(serviceId, { ...shop, dryRun: false });
        expectOnlyTheInclude(await seen(), before, global.inbound);
        const reconciler = aReconciler();
        for (let batch = 0; batch < batches; batch++) {
          await block(reconciler, batch);
          if (batch === 0) expect(await answers()).toEqual(before.answers);
          await release(reconciler);
        }
        expectOnlyTheInclude(await seen(), before, global.inbound);

        await removeBootstrap(serviceId, { ...shop, dryRun: false });
        const after = await seen();
        expect({ ...after, global: "" }).toEqual({ ...before, global: "" });
        if (global.inbound === "open") expect(after.global).toBe(before.global);
        else expect(withoutEmptyInbound(after.global)).toBe(withoutEmptyInbound(before.global));
      }),
      { numRuns: 10 },
    ),
  60_000,
);

function startAfresh(): void {
  shop.service.policies.clear();
  shop.service.fragments.clear();
  const xml = '<fragment>\r\n  <set-variable name="own" value="1" />\r\n</fragment>';
  shop.service.fragments.set(ownFragment, { xml, etag: '"own-1"', provisioningState: "Succeeded" });
}

/** Through the real PUT, as the customer's pipeline would. */
async function store(scope: string, { format, value }: CustomerPolicy): Promise<void> {
  const response = await policyRequest(scope, "PUT", JSON.stringify({ properties: { format, value } }));
  expect({ status: response.status, value, answer: response.ok || (await response.text()) }).toEqual({
    status: 201,
    value,
    answer: true,
  });
}

interface Seen {
  global: string;
  narrower: string[];
  answers: unknown[];
}

async function seen(): Promise<Seen> {
  const narrower = ["/apis/orders", "/apis/orders/operations/get-order"];
  return {
    global: await policyText("", "xml"),
    narrower: await Promise.all([
      ...narrower.map((scope) => policyText(scope, "xml")),
      ...narrower.map((scope) => policyText(scope, "rawxml")),
    ]),
    answers: await answers(),
  };
}

/** What customers are answered; some of what the policies say shows in it. */
function answers(): Promise<unknown[]> {
  const asked = [{}, { "X-A": "1" }, { "X-Tier": "gold" }];
  return Promise.all(
    asked.map(async (headers) => {
      const response = await fetch(`${shop.azure.gatewayUrl}/orders/1001`, {
        headers: { ...headers, "X-Simulated-Client-Ip": customer },
      });
      return { status: response.status, body: await response.text() };
    }),
  );
}

function expectOnlyTheInclude(now: Seen, before: Seen, inbound: CustomerPolicy["inbound"]): void {
  expect({ ...now, global: "" }).toEqual({ ...before, global: "" });
  const include = /(\r\n *)?<include-fragment fragment-id="portcullis-containment" \/>/g;
  const first = /<inbound>(\r\n *)?<include-fragment fragment-id="portcullis-containment" \/>/;
  expect(now.global).toMatch(first);
  const without = now.global.replace(first, (found) => found.replace(include, ""));
  if (inbound === "open") expect(without).toBe(before.global);
  else expect(withoutEmptyInbound(without)).toBe(withoutEmptyInbound(before.global));
  // A parser of the product's own has to be able to read what the gateway reads.
  expect(() => parsePolicy(now.global)).not.toThrow();
}

/** The bootstrap has to open a section that closed itself or was not there; an empty one means the same. */
function withoutEmptyInbound(xml: string): string {
  return xml.replace(/(\r\n *)?<inbound(?: \/>|>\s*<\/inbound>)/, "");
}

function aReconciler(): Reconciler {
  const { clock } = shop;
  return {
    clock,
    containments: createContainments(memoryTable(), memoryTable()),
    responders,
    ...freshInventory(shop),
    sound: createFresh<true>(10 * minute, clock),
    fragments: createFresh<Awaited<ReturnType<typeof shop.apiManagement.fragment>>>(5_000, clock),
  };
}

async function block(reconciler: Reconciler, batch: number): Promise<void> {
  const now = shop.clock.now();
  const expiresAt = new Date(now.getTime() + minute).toISOString();
  for (let index = 0; index < perBatch; index++) {
    const target: Target = {
      kind: "api-caller",
      scope: scopes[index % scopes.length] ?? { kind: "service" },
      address: `203.0.${batch}.${index}`,
    };
    const limits = index % 5 === 0;
    const responder = limits ? "apim-limit-rate" : "apim-block-ip";
    const params = limits ? { calls: 10, periodSeconds: 60 } : {};
    const owner = { id: `${batch}-${index}`, runId: "run", playbook: "p", params, since: now.toISOString(), expiresAt };
    await reconciler.containments.own(
      { id: containmentId(responder, point, target), responder, point, target, owner },
      now,
    );
  }
  const pass = await reconcileFragment(
    point,
    { lastEtag: undefined, lastWriteAt: undefined, fresh: false },
    reconciler,
  );
  expect([pass.writes, pass.trouble, ...pass.outcomes.values()]).toEqual([
    1,
    undefined,
    ...Array(perBatch).fill(expect.objectContaining({ state: "verified" })),
  ]);
}

async function release(reconciler: Reconciler): Promise<void> {
  await shop.clock.sleep(2 * minute);
  const pass = await reconcileFragment(
    point,
    { lastEtag: undefined, lastWriteAt: undefined, fresh: false },
    reconciler,
  );
  expect([pass.writes, pass.trouble, pass.released]).toEqual([1, undefined, perBatch]);
}

const scopes: Scope[] = [
  { kind: "service" },
  { kind: "api", apiId: "orders" },
  { kind: "operation", apiId: "orders", operationId: "get-order" },
];

async function policyText(scope: string, format: "xml" | "rawxml"): Promise<string> {
  const response = await policyRequest(scope, "GET", undefined, `&format=${format}`);
  return z.object({ properties: z.object({ value: z.string() }) }).parse(await response.json()).properties.value;
}

function policyRequest(scope: string, method: string, body?: string, query = ""): Promise<Response> {
  const url = `${shop.azure.url}/management.azure.com${serviceId}${scope}/policies/policy?api-version=2024-05-01${query}`;
  const headers = { authorization, "content-type": "application/json" };
  return fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
}
