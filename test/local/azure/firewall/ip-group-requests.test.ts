import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { anotherVersion, firewallId, groupId, type Hub, policyId, startHub, subscriptionId } from "./a-hub.ts";

let at: Hub;
beforeEach(async () => {
  at = await startHub();
});
afterEach(() => at.azure.close());

const get = (name: string) => at.ask("GET", groupId(name));
const error = (code: string) => ({ error: expect.objectContaining({ code }) });

describe("what may stand in a group", () => {
  it.each(["203.0.113.7", "203.0.113.0/24", "203.0.113.7/32", "203.0.113.1-203.0.113.9"])("%s", async (entry) => {
    expect((await at.put("spare", [entry])).status).toBe(200);
  });

  it.each([
    "2001:db8::1",
    "2001:db8::/32",
    "203.0.113.256",
    "203.0.113",
    "203.0.113.0/33",
    "203.0.113.9-203.0.113.1",
    "203.0.113.1-203.0.113.2-203.0.113.3",
    "203.0.113.1 - 203.0.113.9",
    "203.0.113.1-2001:db8::1",
    " 203.0.113.7",
    "0xcb007107",
    "example.org",
    "*",
    "",
  ])("and what may not: %j", async (entry) => {
    const { status, body } = await at.put("spare", ["203.0.113.1", entry]);

    expect([status, body]).toEqual([400, error("InvalidAddressPrefixFormat")]);
    expect((await get("spare")).body).toMatchObject({
      properties: { provisioningState: "Succeeded", ipAddresses: ["198.51.100.2"] },
    });
  });

  it("5,000 entries, and no more", async () => {
    const entries = Array.from({ length: 5_001 }, (_, index) => `10.0.${Math.floor(index / 250)}.${index % 250}`);

    expect(await at.put("spare", entries)).toMatchObject({
      status: 400,
      body: error("IPGroupsIPAddressCountExceeded"),
    });
    expect((await at.put("spare", entries.slice(1))).status).toBe(200);
  });

  it("nothing at all, except in some regions", async () => {
    expect((await at.put("fresh", [])).status).toBe(201);
    at.state.refusesEmptyLists = true;

    expect(await at.put("spare", [])).toMatchObject({ status: 400, body: error("IPGroupsIPAddressCountZero") });
  });
});

describe("a request that is refused", () => {
  it.each([
    ["an api-version that nobody speaks", "1999-01-01", "InvalidApiVersionParameter"],
    ["an api-version of another provider", anotherVersion, "NoRegisteredProviderFound"],
    ["no api-version", "", "MissingApiVersionParameter"],
  ])("%s", async (_, version, code) => {
    for (const path of [groupId("blocked"), policyId, firewallId]) {
      expect(await at.ask("GET", path, { version })).toMatchObject({ status: 400, body: error(code) });
    }
  });

  it.each([
    ["no location", { properties: { ipAddresses: [] } }],
    ["a property that there is not", { location: "westeurope", properties: { ipAddress: ["203.0.113.7"] } }],
    ["a list that is none", { location: "westeurope", properties: { ipAddresses: "203.0.113.7" } }],
    ["nothing", undefined],
  ])("a group with %s", async (_, body) => {
    expect(await at.ask("PUT", groupId("fresh"), { body })).toMatchObject({
      status: 400,
      body: { error: { code: "InvalidRequestFormat", details: [{ code: "InvalidJson" }] } },
    });
  });

  it("a group that would move", async () => {
    const body = { location: "northeurope", properties: { ipAddresses: ["203.0.113.7"] } };

    expect(await at.ask("PUT", groupId("spare"), { body })).toMatchObject({
      status: 409,
      body: error("InvalidResourceLocation"),
    });
  });

  it("a name that is none", async () => {
    expect(await at.put("-fresh", ["203.0.113.7"])).toMatchObject({ status: 400, body: error("InvalidResourceName") });
  });

  it("a group and an operation that there are not", async () => {
    const path = `/subscriptions/${subscriptionId}/providers/Microsoft.Network/locations/westeurope/operations/none`;

    expect(await get("none")).toMatchObject({ status: 404, body: error("ResourceNotFound") });
    expect(await at.ask("GET", path)).toMatchObject({ status: 404, body: error("OperationNotFound") });
  });
});

describe("the ETag", () => {
  it("stands in the header and in the body, and is another one after each write", async () => {
    const seen = [await get("spare"), await at.put("spare", ["203.0.113.7"])];
    await at.clock.advance(2_000);
    seen.push(await get("spare"));

    for (const { headers, body } of seen) expect(body).toMatchObject({ etag: headers.get("etag") });
    expect(new Set(seen.map(({ headers }) => headers.get("etag"))).size).toBe(3);
  });

  it("is honoured in If-Match", async () => {
    const old = (await get("spare")).headers.get("etag") ?? "";
    expect((await at.put("spare", ["203.0.113.7"], { "if-match": old })).status).toBe(200);
    await at.clock.advance(2_000);

    for (const [name, etag] of [
      ["spare", old],
      ["fresh", old],
      ["fresh", "*"],
    ] as const) {
      expect(await at.put(name, ["203.0.113.8"], { "if-match": etag })).toMatchObject({
        status: 412,
        body: { error: { code: "PreconditionFailed", details: [{ code: "PreconditionFailedEtagMismatch" }] } },
      });
    }
    expect((await at.put("spare", ["203.0.113.8"], { "if-match": "*" })).status).toBe(200);
  });
});
