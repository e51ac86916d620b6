import { serve } from "@hono/node-server";
import { afterEach, describe, expect, it } from "vitest";
import { createGateway } from "../../../../local/azure/gateway/gateway.ts";
import { createGatewayLog } from "../../../../local/azure/gateway/gateway-log.ts";
import { systemClock } from "../../../../shared/clock.ts";
import { aService, inbound } from "./a-service.ts";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

const forbid = (address: string) => inbound(`<ip-filter action="forbid"><address>${address}</address></ip-filter>`);
const asClient = (address: string) => ({ headers: { "X-Simulated-Client-Ip": address } });

describe("the simulated gateway", () => {
  it("answers for the backend with the API and operation that it found", async () => {
    const gateway = createGateway([aService()], { clock: systemClock });

    const response = await gateway.request("/orders/4711?expand=lines");

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ api: "orders-api", operation: "get", method: "GET" });
    expect(response.headers.has("x-simulated-gateway-skipped")).toBe(false);
  });

  it.each([
    ["GET", "/orders", "orders-api", "list"],
    ["GET", "/ORDERS/", "orders-api", "list"],
    ["POST", "/orders", "orders-api", "place"],
    ["GET", "/orders/latest", "orders-api", "latest"],
    ["GET", "/orders/archive", "archive-api", "any"],
    ["GET", "/orders/archive/2025/01", "archive-api", "any"],
    ["GET", "/orders/archive/2025", "archive-api", "year"],
    ["GET", "/orders/archive/2025?q=late", "archive-api", "search"],
    ["GET", "/orders/archived", "orders-api", "get"],
  ])("finds the operation of %s %s", async (method, path, api, operation) => {
    const gateway = createGateway([aService()], { clock: systemClock });

    const response = await gateway.request(path, { method });

    expect(await response.json()).toEqual({ api, operation, method });
  });

  it("reaches an API that is versioned by segment under its version only", async () => {
    const service = aService();
    const orders = service.apis.get("orders-api");
    if (!orders) throw new Error("the API is gone");
    service.apis.set("orders-api", { ...orders, version: { name: "v2", scheme: "Segment" } });
    const gateway = createGateway([service], { clock: systemClock });

    expect(await (await gateway.request("/orders/v2/1")).json()).toMatchObject({ api: "orders-api", operation: "get" });
    expect((await gateway.request("/orders/1")).status).toBe(404);
  });

  it.each([
    ["/orders/1", "orders-api", "get"],
    ["/orders;rev=2/1", "orders-api", "get"],
    ["/orders;rev=1/1", "orders-api;rev=1", "get"],
    ["/ORDERS;REV=1", "orders-api;rev=1", "list"],
    ["/orders;rev=3/1", "orders-next", "get"],
  ])("reaches by %s the revision %s", async (path, api, operation) => {
    const gateway = createGateway([withRevisions()], { clock: systemClock });

    const response = await gateway.request(path);

    expect(await response.json()).toEqual({ api, operation, method: "GET" });
  });

  it.each(["/orders;rev=4/1", "/orders;rev=/1", "/orders/;rev=1/1"])("knows no revision by %s", async (path) => {
    const gateway = createGateway([withRevisions()], { clock: systemClock });

    expect((await gateway.request(path)).status).toBe(404);
  });

  it.each(["Query", "Header"] as const)("does not guess between versions told apart by %s", async (scheme) => {
    const service = aService();
    const orders = service.apis.get("orders-api");
    if (!orders) throw new Error("the API is gone");
    for (const name of ["v1", "v2"]) {
      service.apis.set(`orders-${name}`, { ...orders, id: `orders-${name}`, version: { name, scheme } });
    }
    service.apis.delete("orders-api");
    const gatewayLog = createGatewayLog();
    const gateway = createGateway([service], { clock: systemClock, gatewayLog });

    const shared = await gateway.request("/orders/1");
    const longer = await gateway.request("/orders/archive/2025");

    expect(shared.status).toBe(501);
    expect(await shared.json()).toEqual({
      statusCode: 501,
      message: expect.stringMatching(/^2 APIs have this path: .* are not simulated\./),
    });
    expect(await longer.json()).toMatchObject({ api: "archive-api" });
    expect(gatewayLog.calls).toMatchObject([{ status: 501, reason: "VersionNotSimulated" }, { status: 200 }]);
  });

  it.each([
    ["GET", "/"],
    ["GET", "/orders/1/lines"],
    ["DELETE", "/orders/1"],
    ["GET", "/%E0%A4%A"],
    ["GET", "/ordersX"],
  ])("answers 404 in the service's words to %s %s", async (method, path) => {
    const gateway = createGateway([aService()], { clock: systemClock });

    const response = await gateway.request(path, { method });

    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ statusCode: 404, message: "Resource not found" });
  });

  it("forbids the blocked client and serves another, over a real socket", async () => {
    const gatewayLog = createGatewayLog();
    const gateway = createGateway([aService({ "": forbid("203.0.113.7") })], { clock: systemClock, gatewayLog });
    const origin = await listen(gateway.fetch);

    const blocked = await fetch(`${origin}/orders/1`, asClient("203.0.113.7"));
    const other = await fetch(`${origin}/orders/1`, asClient("198.51.100.9"));
    const local = await fetch(`${origin}/orders/1`);

    expect(blocked.status).toBe(403);
    expect(await blocked.json()).toEqual({ statusCode: 403, message: "Forbidden" });
    expect([other.status, local.status]).toEqual([200, 200]);
    expect(gatewayLog.calls).toMatchObject([
      { clientIp: "203.0.113.7", api: "orders-api", operation: "get", status: 403, reason: "CallerIpBlocked" },
      { clientIp: "198.51.100.9", status: 200 },
      { clientIp: "127.0.0.1", status: 200 },
    ]);
  });

  it("takes the peer's address when no header claims another", async () => {
    const gateway = createGateway([aService({ "": forbid("127.0.0.1") })], { clock: systemClock });

    expect((await gateway.request("/orders/1")).status).toBe(403);
    expect((await gateway.request("/orders/1", asClient("::ffff:127.0.0.1"))).status).toBe(403);
  });

  it.each(["", "somebody", "1.2.3", "1.2.3.4, 5.6.7.8", "1.2.3.4:80"])(
    "answers 400 to a client address of %j",
    async (address) => {
      const gateway = createGateway([aService()], { clock: systemClock });

      const response = await gateway.request("/orders/1", asClient(address));

      expect(response.status).toBe(400);
    },
  );

  it("names in a header and once in the log what it skipped", async () => {
    const messages: string[] = [];
    const policy = inbound("<cors/><cache-lookup/>", "<ünsafe/>");
    const gateway = createGateway([aService({ "": policy })], {
      clock: systemClock,
      log: (message) => messages.push(message),
    });

    await gateway.request("/orders/1");
    const response = await gateway.request("/orders/1");

    expect(response.status).toBe(200);
    expect(response.headers.get("x-simulated-gateway-skipped")).toBe("cors, cache-lookup, ?nsafe");
    expect(messages).toEqual([
      "simulated gateway: orders-api/get: not simulated, so not applied: cors, cache-lookup, ?nsafe",
    ]);
  });

  it("enforces a policy from the moment it is stored", async () => {
    const service = aService();
    const gateway = createGateway([service], { clock: systemClock });
    const call = async () => (await gateway.request("/orders/1", asClient("203.0.113.7"))).status;

    const before = await call();
    service.policies.set("", { xml: forbid("203.0.113.7"), etag: "2" });
    const during = await call();
    service.policies.delete("");

    expect([before, during, await call()]).toEqual([200, 403, 200]);
  });

  it("tells two services apart by host name", async () => {
    const other = {
      ...aService({ "": forbid("203.0.113.7") }),
      name: "fabrikam",
      gatewayHost: "fabrikam.azure-api.net",
    };
    const gateway = createGateway([aService(), other], { clock: systemClock });
    const status = async (host: string) =>
      (await gateway.request("/orders/1", { headers: { host, "X-Simulated-Client-Ip": "203.0.113.7" } })).status;

    expect(await status("contoso.azure-api.net")).toBe(200);
    expect(await status("fabrikam.azure-api.net")).toBe(403);
  });

  it("keeps only the latest calls", async () => {
    const gatewayLog = createGatewayLog(3);
    const gateway = createGateway([aService()], { clock: systemClock, gatewayLog });

    for (let index = 0; index < 5; index += 1) await gateway.request(`/orders/${index}`);

    expect(gatewayLog.calls.map((call) => call.path)).toEqual(["/orders/2", "/orders/3", "/orders/4"]);
  });
});

/** `orders` in its current revision 2, an earlier one by its id, and a later one by its flag. */
function withRevisions() {
  const service = aService();
  const orders = service.apis.get("orders-api");
  if (!orders) throw new Error("the API is gone");
  service.apis = new Map([
    ["orders-api;rev=1", { ...orders, id: "orders-api;rev=1" }],
    ["orders-next", { ...orders, id: "orders-next", revision: "3", isCurrent: false }],
    ["orders-api", { ...orders, revision: "2" }],
  ]);
  return service;
}

async function listen(fetch: (request: Request, env: object) => Response | Promise<Response>): Promise<string> {
  return new Promise((resolve) => {
    const server = serve({ fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => resolve(`http://127.0.0.1:${port}`));
    stops.push(() => server.close());
  });
}
