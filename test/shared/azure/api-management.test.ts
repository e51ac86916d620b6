import { createHttpHeaders } from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createApiManagement } from "../../../shared/azure/api-management.ts";
import { fragmentId, renderFragment } from "../../../shared/reconcile/fragment-document.ts";
import { openShop, type Shop, serviceId } from "../../support/a-shop.ts";

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});
beforeEach(() => {
  shop.azure.faults.clear();
  shop.intercept(undefined);
  shop.takeCalls();
});
afterAll(() => shop.close());

describe("reading a service", () => {
  it("gives its gateway's host names in small letters", async () => {
    shop.service.hostnameConfigurations = [
      { type: "Proxy", hostName: "API.Contoso.com" },
      { type: "Portal", hostName: "portal.contoso.com" },
    ];

    const hosts = await shop.apiManagement.gatewayHosts(serviceId);

    expect(hosts.toSorted()).toEqual(["api.contoso.com", "contoso-shop.azure-api.net"]);
  });

  it("gives its APIs and their operations, current revisions only", async () => {
    const orders = shop.service.apis.get("orders");
    if (!orders) throw new Error("the shop has no orders");
    shop.service.apis.set("orders;rev=2", { ...orders, id: "orders;rev=2", revision: "2", isCurrent: false });

    const apis = await shop.apiManagement.apis(serviceId);
    shop.service.apis.delete("orders;rev=2");

    expect(apis.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual(
      ["catalog", "orders", "payments"].map((id) => ({ id, path: id })),
    );
    const operations = await shop.apiManagement.operations(serviceId, "catalog");
    expect(operations.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual([
      { id: "get-product", method: "GET", urlTemplate: "/products/{sku}" },
      { id: "search", method: "GET", urlTemplate: "/search" },
    ]);
  });

  it("gives the policy of an API, which the typed client never returns", async () => {
    expect((await shop.apiManagement.policy(serviceId, "apis/orders"))?.xml).toContain("rate-limit-by-key");
  });

  it.each([
    ["a policy", () => shop.apiManagement.policy(serviceId, "apis/payments")],
    ["a policy of an API", () => shop.apiManagement.policy(serviceId, "apis/nobody")],
    ["a fragment", () => shop.apiManagement.fragment(serviceId, "nobody")],
  ])("answers undefined for %s that is not there", async (_, call) => {
    expect(await call()).toBeUndefined();
  });

  it.each(["https://evil.example/", "/elsewhere"])("follows no redirect to %s", async (location) => {
    const sent: string[] = [];
    const redirected = createApiManagement(async () => ({
      credential: { getToken: async () => ({ token: "a-token", expiresOnTimestamp: Date.now() + 3_600_000 }) },
      httpClient: {
        sendRequest: async (request) => {
          sent.push(request.url);
          return { request, status: 307, headers: createHttpHeaders({ location }), bodyAsText: "" };
        },
      },
    }));

    await expect(redirected.policy(serviceId, "")).rejects.toMatchObject({ name: "AzureError", status: 307 });

    expect(sent).toHaveLength(1);
  });

  it("does not let a name lead out of its place", async () => {
    expect(await shop.apiManagement.policy(serviceId, "apis/..%2Forders")).toBeUndefined();
  });

  it.each([
    ["policy", () => shop.apiManagement.policy(serviceId, ""), "Policy_Get"],
    ["fragment", () => shop.apiManagement.fragment(serviceId, fragmentId), "PolicyFragment_Get"],
    ["service", () => shop.apiManagement.gatewayHosts(serviceId), "ApiManagementService_Get"],
    ["APIs", () => shop.apiManagement.apis(serviceId), "Api_ListByService"],
    ["operations", () => shop.apiManagement.operations(serviceId, "orders"), "ApiOperation_ListByApi"],
  ])("asks once when the %s is throttled, and passes on how long to wait", async (_, call, operation) => {
    shop.azure.faults.add({ kind: "status", operation, status: 429, retryAfterSeconds: 17 });

    await expect(call()).rejects.toMatchObject({
      name: "AzureError",
      status: 429,
      code: "TooManyRequests",
      transient: true,
      retryAfterMs: 17_000,
      message: expect.stringMatching(/^could not (read|list) .*contoso-shop/),
    });
    expect(shop.takeCalls("all")).toEqual([`${operation} 429`]);
  });

  it.each([
    ["policy", () => shop.apiManagement.policy(serviceId, ""), "Policy_Get"],
    ["list", () => shop.apiManagement.apis(serviceId), "Api_ListByService"],
  ])("calls a dropped connection to the %s no answer", async (_, call, operation) => {
    shop.azure.faults.add({ kind: "drop", operation, moment: "before" });

    await expect(call()).rejects.toMatchObject({ name: "AzureError", status: 0, transient: true });
  });

  it.each([{ properties: { value: "" } }, { properties: {} }, {}])(
    "takes the answer %j for no policy",
    async (body) => {
      shop.intercept(() => ({ status: 200, body }));

      await expect(shop.apiManagement.policy(serviceId, "")).rejects.toMatchObject({
        name: "AzureError",
        transient: false,
      });
    },
  );

  it("takes an answer without ETag for none that could be written back", async () => {
    shop.intercept(() => ({ status: 200, body: { properties: { value: "<policies />" } } }));

    await expect(shop.apiManagement.policy(serviceId, "")).rejects.toMatchObject({ code: "NoETag" });
  });

  it("refuses what is no service's id before anything is sent", async () => {
    await expect(shop.apiManagement.policy("/subscriptions/x", "")).rejects.toThrow(/not the ARM id/);
    expect(shop.takeCalls("all")).toEqual([]);
  });
});

describe("writing", () => {
  it("of a fragment creates it once, and then only at the version that was read", async () => {
    const { apiManagement } = shop;
    const xml = renderFragment([]);
    await apiManagement.putFragment(serviceId, "once", xml, { ifNoneMatch: "*" });
    const stored = await apiManagement.fragment(serviceId, "once");

    await expect(apiManagement.putFragment(serviceId, "once", xml, { ifNoneMatch: "*" })).rejects.toMatchObject({
      status: 412,
    });
    await apiManagement.putFragment(serviceId, "once", xml, { ifMatch: stored?.etag ?? "" });
    await expect(
      apiManagement.putFragment(serviceId, "once", xml, { ifMatch: stored?.etag ?? "" }),
    ).rejects.toMatchObject({ status: 412, transient: false });
    expect(stored?.state).toBe("Succeeded");
  });

  it("of a policy says which fault the service found in it", async () => {
    const bad = "<policies><inbound><no-such-policy /></inbound></policies>";
    const { etag = "" } = (await shop.apiManagement.policy(serviceId, "")) ?? {};

    await expect(shop.apiManagement.putPolicy(serviceId, "", bad, { ifMatch: etag })).rejects.toMatchObject({
      status: 400,
      message: expect.stringMatching(/no-such-policy/),
    });
  });

  it("is sent once, in the published version, with what the service told to wait", async () => {
    const sent: string[] = [];
    shop.intercept(({ url, method }) => {
      if (method === "PUT") sent.push(url);
      return undefined;
    });
    shop.azure.faults.add({
      kind: "status",
      operation: "PolicyFragment_CreateOrUpdate",
      status: 503,
      retryAfterSeconds: 3,
    });

    await expect(
      shop.apiManagement.putFragment(serviceId, "busy", renderFragment([]), { ifNoneMatch: "*" }),
    ).rejects.toMatchObject({ status: 503, retryAfterMs: 3_000 });
    expect(sent).toEqual([`https://management.azure.com${serviceId}/policyFragments/busy?api-version=2024-05-01`]);
  });

  it("shows a fragment as under way until it is in force", async () => {
    const { apiManagement, azure, clock } = shop;
    await apiManagement.putFragment(serviceId, "slow", renderFragment([]), { ifNoneMatch: "*" });
    const { etag = "" } = (await apiManagement.fragment(serviceId, "slow")) ?? {};
    azure.latency.fragmentWriteMs = 5_000;
    await apiManagement.putFragment(serviceId, "slow", renderFragment([]), { ifMatch: etag });
    azure.latency.fragmentWriteMs = 0;

    expect((await apiManagement.fragment(serviceId, "slow"))?.state).toBe("InProgress");
    await clock.sleep(5_000);
    expect((await apiManagement.fragment(serviceId, "slow"))?.state).toBe("Succeeded");
  });
});
