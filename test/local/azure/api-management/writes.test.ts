import { afterEach, describe, expect, it } from "vitest";
import { type SimulatedAzure, startSimulatedAzure } from "../../../../local/azure/simulated-azure.ts";
import { createManualClock } from "../../../support/manual-clock.ts";
import { ask, contoso, globalPolicy, serviceId, startContoso } from "./contoso.ts";

const policy = `${serviceId}/policies/policy`;
const fragment = `${serviceId}/policyFragments/mine`;
const forbid = (address: string) =>
  `<fragment><ip-filter action="forbid"><address>${address}</address></ip-filter></fragment>`;

const open: SimulatedAzure[] = [];
afterEach(() => Promise.all(open.splice(0).map((azure) => azure.close())));

async function start(options: Parameters<typeof startContoso>[0] = {}): Promise<SimulatedAzure> {
  const { azure } = await startContoso(options);
  open.push(azure);
  return azure;
}

describe("preconditions", () => {
  it.each([
    ["nothing, which overwrites", {}, 200],
    ["a star, which overwrites", { "if-match": "*" }, 200],
    ["the current tag", { "if-match": '"AAAAAAAAAAE="' }, 200],
    ["the current tag among others", { "if-match": '"x", "AAAAAAAAAAE="' }, 200],
    ["the current tag marked weak", { "if-match": 'W/"AAAAAAAAAAE="' }, 200],
    ["an older tag", { "if-match": '"AAAAAAAAAAA="' }, 412],
    ["the wish to create only", { "if-none-match": "*" }, 412],
  ])("of a PUT on what is there: %s", async (_, headers, status) => {
    const azure = await start();

    expect((await ask(azure, "PUT", policy, { body: body(globalPolicy), headers })).status).toBe(status);
  });

  it.each([
    ["nothing", {}, 201],
    ["a star, as in the published examples", { "if-match": "*" }, 201],
    ["the wish to create only", { "if-none-match": "*" }, 201],
    ["a tag of something that is gone", { "if-match": '"AAAAAAAAAAE="' }, 412],
  ])("of a PUT on what is not there: %s", async (_, headers, status) => {
    const azure = await start();

    expect((await ask(azure, "PUT", fragment, { body: body(forbid("192.0.2.1")), headers })).status).toBe(status);
  });

  it.each([
    ["nothing", {}, 400],
    ["an older tag", { "if-match": '"AAAAAAAAAAA="' }, 412],
    ["the current tag", { "if-match": '"AAAAAAAAAAE="' }, 200],
    ["a star", { "if-match": "*" }, 200],
  ])("of a DELETE: %s", async (_, headers, status) => {
    const azure = await start();

    expect((await ask(azure, "DELETE", policy, { headers })).status).toBe(status);
  });

  it("of a DELETE on what is not there: none", async () => {
    const azure = await start();

    expect((await ask(azure, "DELETE", fragment, { headers: { "if-match": '"x"' } })).status).toBe(204);
  });

  it("give a new tag to every write, in GET and HEAD alike", async () => {
    const azure = await start();

    const written = await ask(azure, "PUT", policy, { body: body(globalPolicy) });
    const read = await ask(azure, "GET", policy);
    const head = await ask(azure, "HEAD", policy);

    expect(written.headers.get("etag")).toMatch(/^"[A-Za-z0-9+/]{11}="$/);
    expect(written.headers.get("etag")).not.toBe('"AAAAAAAAAAE="');
    expect([read, head].map(({ headers }) => headers.get("etag"))).toEqual(Array(2).fill(written.headers.get("etag")));
    expect(head.body).toBeUndefined();
  });
});

describe("a fragment's write", () => {
  it("is over at the first look when no latency is set, though its answer says InProgress", async () => {
    const azure = await start();

    const written = await ask(azure, "PUT", fragment, { body: body(forbid("192.0.2.1")) });
    const result = await ask(azure, "GET", pathOf(written.headers.get("azure-asyncoperation")), { version: "" });
    const location = await ask(azure, "GET", pathOf(written.headers.get("location")), { version: "" });

    expect(written.body).toMatchObject({ properties: { provisioningState: "InProgress" } });
    expect(written.headers.get("location")).toMatch(/^https:\/\/management\.azure\.com\/.*asyncCode=201$/);
    expect(result).toMatchObject({ status: 200, body: { status: "Succeeded", properties: { status: "Succeeded" } } });
    expect(location).toMatchObject({ status: 200, body: { name: "mine" } });
  });

  it("leaves the old text in force until its time is over", async () => {
    const clock = createManualClock();
    const service = contoso();
    const azure = await start({ clock, service });
    await ask(azure, "PUT", fragment, { body: body(forbid("192.0.2.1")) });
    azure.latency.fragmentWriteMs = 2000;

    const written = await ask(azure, "PUT", fragment, { body: body(forbid("192.0.2.2")) });
    await clock.advance(1999);
    const during = await ask(azure, "GET", fragment);
    const polled = await ask(azure, "GET", pathOf(written.headers.get("azure-asyncoperation")), { version: "" });
    const inForce = service.fragments.get("mine")?.xml;
    await clock.advance(1);
    const after = await ask(azure, "GET", fragment);

    expect(during.body).toMatchObject({
      properties: { value: expect.stringContaining("192.0.2.1"), provisioningState: "InProgress" },
    });
    expect(polled).toMatchObject({ status: 202, body: { status: "InProgress" } });
    expect(inForce).toContain("192.0.2.1");
    expect(after.body).toMatchObject({ properties: { value: expect.stringContaining("192.0.2.2") } });
    expect(after.headers.get("etag")).toBe(written.headers.get("etag"));
    expect(service.fragments.get("mine")?.xml).toContain("192.0.2.2");
  });

  it("that creates is not to be seen until its time is over", async () => {
    const clock = createManualClock();
    const azure = await start({ clock, fragmentWriteMs: 2000 });

    const written = await ask(azure, "PUT", fragment, { body: body(forbid("192.0.2.1")) });
    const during = await ask(azure, "GET", fragment);
    const polled = await ask(azure, "GET", pathOf(written.headers.get("location")), { version: "" });
    await clock.advance(2000);

    expect([written.status, during.status, polled.status]).toEqual([201, 404, 202]);
    expect((await ask(azure, "GET", fragment)).status).toBe(200);
  });

  it.each(["PUT", "DELETE"])("refuses a %s while it runs", async (method) => {
    const azure = await start({ clock: createManualClock() });
    await ask(azure, "PUT", fragment, { body: body(forbid("192.0.2.1")) });
    azure.latency.fragmentWriteMs = 2000;
    await ask(azure, "PUT", fragment, { body: body(forbid("192.0.2.2")) });

    const refused = await ask(azure, method, fragment, {
      headers: { "if-match": "*" },
      ...(method === "PUT" ? { body: body(forbid("192.0.2.3")) } : {}),
    });

    expect(refused).toMatchObject({ status: 409, body: { error: { code: "PessimisticConcurrencyConflict" } } });
  });

  it("does not stand in the way of another service's", async () => {
    const other = { ...contoso(), id: serviceId.replace(/contoso$/, "fabrikam"), name: "fabrikam" };
    const azure = await startSimulatedAzure({
      port: 0,
      gatewayPort: 0,
      clock: createManualClock(),
      services: [contoso(), other],
      latency: { fragmentWriteMs: 2000 },
    });
    open.push(azure);

    const paths = [fragment, `${other.id}/policyFragments/mine`];
    const statuses = paths.map(
      async (path) => (await ask(azure, "PUT", path, { body: body(forbid("192.0.2.1")) })).status,
    );

    expect(await Promise.all(statuses)).toEqual([201, 201]);
  });

  it("keeps the name it was made with, and is found by any letter case", async () => {
    const azure = await start();
    await ask(azure, "PUT", `${fragment}-Fragment`, { body: body(forbid("192.0.2.1")) });

    const again = await ask(azure, "PUT", `${fragment.toUpperCase()}-FRAGMENT`, { body: body(forbid("192.0.2.2")) });

    expect(again).toMatchObject({ status: 200, body: { name: "mine-Fragment" } });
  });

  it("does not take effect after the simulated Azure is closed", async () => {
    const clock = createManualClock();
    const service = contoso();
    const { azure } = await startContoso({ clock, service, fragmentWriteMs: 2000 });
    await ask(azure, "PUT", fragment, { body: body(forbid("192.0.2.1")) });

    await azure.close();
    await clock.advance(5000);

    expect(service.fragments.size).toBe(0);
  });

  it("that fails says so in its operation and keeps the old text", async () => {
    const azure = await start();
    await ask(azure, "PUT", fragment, { body: body(forbid("192.0.2.1")) });
    azure.faults.add({ kind: "operation-failed", operation: "PolicyFragment_CreateOrUpdate", count: 1 });

    const written = await ask(azure, "PUT", fragment, { body: body(forbid("192.0.2.2")) });
    const result = await ask(azure, "GET", pathOf(written.headers.get("azure-asyncoperation")), { version: "" });
    const location = await ask(azure, "GET", pathOf(written.headers.get("location")), { version: "" });

    expect(written.status).toBe(200);
    expect(result).toMatchObject({ status: 200, body: { status: "Failed", error: { code: "InternalServerError" } } });
    expect(location.status).toBe(500);
    expect((await ask(azure, "GET", fragment)).body).toMatchObject({
      properties: { value: expect.stringContaining("192.0.2.1"), provisioningState: "Failed" },
    });
  });
});

describe("a request that Azure Resource Manager refuses", () => {
  it.each([
    ["no api-version", "", 400, "MissingApiVersionParameter"],
    ["an unknown api-version", "2019-01-01", 400, "InvalidApiVersionParameter"],
  ])("has %s", async (_, version, status, code) => {
    const azure = await start();

    expect(await ask(azure, "GET", policy, { version })).toMatchObject({ status, body: { error: { code } } });
  });

  it("has a body that is not JSON", async () => {
    const azure = await start();

    const refused = await ask(azure, "PUT", policy, { body: "<policies />" });

    expect(refused).toMatchObject({ status: 400, body: { error: { code: "InvalidRequestContent" } } });
  });

  it("is larger than 4 MiB", async () => {
    const azure = await start();

    const refused = await ask(azure, "PUT", policy, { body: body("x".repeat(4 * 1024 * 1024)) });

    expect(refused).toMatchObject({ status: 413, body: { error: { code: "RequestContentTooLarge" } } });
  });

  it("has a path that is not URL-encoded text", async () => {
    const azure = await start();

    expect(await ask(azure, "GET", `${serviceId}/apis/%ff`)).toMatchObject({ status: 400 });
  });

  it("names another subscription", async () => {
    const azure = await start();
    const path = policy.replace(/subscriptions\/[^/]+/, "subscriptions/00000000-0000-0000-0000-000000000000");

    expect(await ask(azure, "GET", path)).toMatchObject({
      status: 404,
      body: { error: { code: "SubscriptionNotFound" } },
    });
  });

  it("is for a host that is not simulated", async () => {
    const azure = await start();

    const response = await fetch(`${azure.url}/graph.microsoft.com/v1.0/users`);

    expect(response.status).toBe(404);
    expect(await response.text()).toContain("no host 'graph.microsoft.com'");
  });
});

function body(value: string): object {
  return { properties: { format: "xml", value } };
}

function pathOf(address: string | null): string {
  const { host, pathname, search } = new URL(address ?? "");
  expect(host).toBe("management.azure.com");
  return pathname + search;
}
