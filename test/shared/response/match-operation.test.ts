import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Api, ApiManagementService } from "../../../local/azure/api-management/store.ts";
import { matchRoute } from "../../../local/azure/gateway/match-route.ts";
import { matchApis, matchOperation } from "../../../shared/response/match-operation.ts";

const apis = ["", "orders", "orders/v2", "Catalog"].map((path) => ({ id: path || "root", path }));

describe("the API that a URL leads to", () => {
  it.each([
    ["/orders", "orders", "/"],
    ["/orders/", "orders", "/"],
    ["/orders/1004", "orders", "/1004"],
    ["/orders/v2/1004", "orders/v2", "/1004"],
    ["/orders/v3/1004", "orders", "/v3/1004"],
    ["/ORDERS/V2/A", "orders/v2", "/A"],
    ["/catalog/search", "Catalog", "/search"],
    ["/ordersx/1", "root", "/ordersx/1"],
    ["/", "root", "/"],
  ])("of %s is %s", (path, id, rest) => {
    expect(matchApis(apis, path)).toEqual([{ api: expect.objectContaining({ id }), rest }]);
  });

  it("is none where no path begins alike", () => {
    expect(matchApis(apis.slice(1), "/payments/1")).toEqual([]);
  });
});

describe("the operation that a call leads to", () => {
  const operations = [
    ["list", "GET", "/"],
    ["create", "POST", "/"],
    ["get", "GET", "/{orderId}"],
    ["latest", "GET", "/latest"],
    ["lines", "GET", "/{orderId}/lines"],
    ["line", "GET", "/{orderId}/lines/{lineId}?expand={expand}"],
    ["second", "GET", "/{orderId}/lines/2"],
    ["odata", "GET", "/items({id})"],
    ["files", "GET", "/files/*"],
    ["readme", "GET", "/files/readme"],
    ["named", "GET", "/named/{*rest}"],
    ["any", "*", "/any"],
  ].map(([id = "", method = "", urlTemplate = ""]) => ({ id, method, urlTemplate }));

  it.each([
    ["GET", "/", "list"],
    ["POST", "/", "create"],
    ["GET", "/1004", "get"],
    ["GET", "/latest", "latest"],
    ["GET", "/LATEST", "latest"],
    ["GET", "/1004/lines", "lines"],
    ["GET", "/1004/Lines/7", "line"],
    ["GET", "/1004/lines/2", "second"],
    ["GET", "/items(7)", "odata"],
    ["GET", "/files/a/b/c", "files"],
    ["GET", "/files/readme", "readme"],
    ["GET", "/named/a/b", "named"],
    ["PATCH", "/any", "any"],
  ])("%s %s is %s", (method, path, id) => {
    expect(matchOperation(operations, method, path)?.id).toBe(id);
  });

  it.each([
    ["DELETE", "/1004"],
    ["GET", "/1004/notes"],
    ["GET", "/1004/lines/7/8"],
    ["POST", "/1004"],
  ])("%s %s is none", (method, path) => {
    expect(matchOperation(operations, method, path)).toBeUndefined();
  });

  it("does not take part of a segment for the whole", () => {
    const odata = operations.filter(({ id }) => id === "odata");

    expect(matchOperation(odata, "GET", "/customers")).toBeUndefined();
  });
});

it("is what the simulated gateway chooses, for every service and call", async () => {
  const segment = fc.constantFrom("a", "b", "A", "v2");
  const path = fc.array(segment, { maxLength: 3 }).map((parts) => parts.join("/"));
  const part = fc.oneof({ weight: 2, arbitrary: segment }, fc.constantFrom("{x}", "{y}", "a({x})"));
  const end = fc.constantFrom([], [], ["*"]);
  const template = fc.tuple(fc.array(part, { maxLength: 3 }), end).map((parts) => `/${parts.flat().join("/")}`);
  const method = fc.constantFrom("GET", "POST");
  const operation = fc.record({ method, urlTemplate: template });
  const service = fc.uniqueArray(fc.record({ path, operations: fc.array(operation, { maxLength: 5 }) }), {
    selector: (api) => api.path.toLowerCase(),
    maxLength: 4,
  });
  let found = 0;

  await fc.assert(
    fc.property(service, method, path, (described, called, url) => {
      const listed = described.map((api, index) => ({
        id: `api-${index}`,
        path: api.path,
        operations: api.operations.map((one, at) => ({ id: `op-${at}`, ...one })),
      }));
      const route = matchRoute([aService(listed)], called, new URL(`https://contoso.azure-api.net/${url}`));

      const [match] = matchApis(listed, `/${url}`);
      expect(match?.api.id).toBe(route?.api.id);
      const operations = listed.find(({ id }) => id === match?.api.id)?.operations ?? [];
      const chosen = matchOperation(operations, called, match?.rest ?? "/");
      // Templates that fit equally well say nothing about which of them is meant.
      if (route?.operation) found++;
      expect(shape(chosen?.urlTemplate)).toBe(shape(route?.operation?.urlTemplate));
    }),
    { numRuns: 2_000 },
  );
  expect(found).toBeGreaterThan(100);
});

function shape(template: string | undefined): string | undefined {
  return template?.toLowerCase().replace(/\{[^}]*\}/g, "{}");
}

function aService(
  listed: readonly { id: string; path: string; operations: { id: string; method: string; urlTemplate: string }[] }[],
): ApiManagementService {
  const apis = listed.map(({ id, path, operations }): [string, Api] => [
    id,
    {
      id,
      displayName: id,
      path,
      subscriptionRequired: false,
      operations: new Map(operations.map((one) => [one.id, { ...one, displayName: one.id }])),
    },
  ]);
  return {
    id: "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/contoso",
    name: "contoso",
    location: "westeurope",
    sku: "StandardV2",
    gatewayHost: "contoso.azure-api.net",
    apis: new Map(apis),
    namedValues: new Map(),
    fragments: new Map(),
    policies: new Map(),
  };
}

it("names every API that a URL may mean where versions share a path", () => {
  const versions = ["orders-v1", "orders-v2"].map((id) => ({ id, path: "orders" }));

  expect(matchApis(versions, "/orders/1").map(({ api }) => api.id)).toEqual(["orders-v1", "orders-v2"]);
});

it("takes a revision in the URL for the API it is one of", () => {
  expect(matchApis([{ id: "orders", path: "orders" }], "/orders;rev=2/1")).toEqual([
    { api: { id: "orders", path: "orders" }, rest: "/1" },
  ]);
});

it("does not go back and forth in an attacker's path", () => {
  const operations = [{ id: "report", method: "GET", urlTemplate: "/rep-{a}-{b}-{c}.csv" }];
  const start = performance.now();

  expect(matchOperation(operations, "GET", `/rep${"-".repeat(4000)}`)).toBeUndefined();
  expect(matchOperation(operations, "GET", "/rep-1-2-3.csv")?.id).toBe("report");
  // Going back would take minutes; going on takes microseconds.
  expect(performance.now() - start).toBeLessThan(1_000);
});
