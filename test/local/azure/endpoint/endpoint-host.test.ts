import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createEndpointHost } from "../../../../local/azure/endpoint/endpoint-host.ts";
import {
  type EndpointState,
  endpointState,
  simulatedMachine,
} from "../../../../local/azure/endpoint/endpoint-state.ts";
import { type SimulatedAzure, startSimulatedAzure } from "../../../../local/azure/simulated-azure.ts";
import type { CreateHost, HostTools } from "../../../../local/azure/simulated-host.ts";
import { aServiceCredential } from "../../../support/a-service-credential.ts";
import { createManualClock, type ManualClock } from "../../../support/manual-clock.ts";
import { referenceAbsent, referencePath } from "../../../support/reference-material.ts";

const claims = { aud: "", exp: 0, nbf: 0, oid: "", appid: "", tid: "" };
const noStrike = { delayMs: 0, refuse: undefined, drop: undefined, staleRead: false, failOperation: false };

const [one, two, three] = ["1".repeat(40), "2".repeat(40), "3".repeat(40)] as const;
const device = "80fe8ff8-2624-418e-9591-41f0491218f9";

let clock: ManualClock;
let state: EndpointState;
let azure: SimulatedAzure;
let tools: HostTools;

beforeAll(async () => {
  clock = createManualClock("2026-11-23T09:30:00.000Z");
  state = endpointState();
  const host: CreateHost = (given) => {
    tools = given;
    return createEndpointHost(state)(given);
  };
  azure = await startSimulatedAzure({ port: 0, gatewayPort: 0, clock, services: [], hosts: [host] });
});
beforeEach(async () => {
  await clock.advance(3_600_000);
  azure.faults.clear();
  const machines = [
    simulatedMachine({ id: one, computerDnsName: "web.contoso.com", aadDeviceId: device, machineTags: ["it's"] }),
    simulatedMachine({ id: two, computerDnsName: "db.contoso.com", healthStatus: "Inactive", rbacGroupId: 7 }),
    simulatedMachine({ id: three, computerDnsName: null, lastSeen: "2026-01-01T00:00:00Z" }),
  ];
  const alerts = [{ id: "da1_-1", machineId: one, evidence: [{ entityType: "Ip", ipAddress: "203.0.113.7" }] }];
  Object.assign(state, endpointState({ machines, alerts }));
});
afterAll(() => azure.close());

async function ask(
  path: string,
  { scope = "https://api.securitycenter.microsoft.com/.default", ...init } = {} as Asked,
) {
  const token = await aServiceCredential(clock).getToken(scope);
  const headers = { authorization: `Bearer ${token?.token}`, ...init.headers };
  const response = await fetch(`${azure.url}/api.security.microsoft.com${path}`, { ...init, headers });
  return { status: response.status, headers: response.headers, body: JSON.parse((await response.text()) || "null") };
}
type Asked = RequestInit & { scope?: string };

const list = (filter: string) => ask(`/api/machines?$filter=${encodeURIComponent(filter)}`);

describe("the simulated Defender for Endpoint", () => {
  it.each([
    ["computerDnsName eq 'web.contoso.com'", [one]],
    ["computerDnsName eq null", [three]],
    ["startswith(computerDnsName,'db')", [two]],
    [`id eq '${two}'`, [two]],
    [`aadDeviceId eq ${device.toUpperCase()}`, [one]],
    [`aadDeviceId eq '${device}'`, [one]],
    ["healthStatus ne 'Active'", [two]],
    ["rbacGroupId eq 7 and healthStatus eq 'Inactive'", [two]],
    ["rbacGroupId eq 7 and healthStatus eq 'Active'", []],
    ["lastSeen gt 2026-06-01Z", [one, two]],
    ["lastSeen le 2026-01-01T00:00:00Z", [three]],
    ["machineTags/any(tag: tag eq 'it''s')", [one]],
    ["onboardingStatus eq 'Onboarded' and startswith(computerDnsName, 'web')", [one]],
    ["computerDnsName eq 'web.contoso.com' or computerDnsName eq 'db.contoso.com'", [one, two]],
    ["healthStatus eq 'Inactive' or healthStatus eq 'Active' and startswith(computerDnsName,'web')", [one, two]],
    ["computerDnsName eq 'WEB.contoso.com' or startswith(computerDnsName,'DB')", []],
  ])("filters by %s", async (filter, expected) => {
    const { status, body } = await list(filter);

    expect(status).toBe(200);
    expect(body.value.map(({ id }: { id: string }) => id)).toEqual(expected);
  });

  it.each([
    "osBuild eq 1",
    "constructor eq 'x'",
    "computerDnsName eq web",
    "computerDnsName eq 'web",
    "computerDnsName eq 'a' garbage",
    "computerDnsName like 'a'",
    "lastSeen gt 'yesterday'",
    "lastSeen gt yesterday",
    "aadDeviceId eq 'web'",
    "startswith(lastSeen,'2026')",
    "computerDnsName eq 'a' or",
    "computerDnsName eq 'a' or or computerDnsName eq 'b'",
    "(computerDnsName eq 'a')",
    "not computerDnsName eq 'a'",
    "",
  ])("refuses the filter %j", async (filter) => {
    const { status, body } = await list(filter);

    expect([status, body.error.code]).toEqual([400, "ODataError"]);
  });

  it.each(["$top=10001", "$top=-1", "$skip=x", "$select=id", "filter=x"])("refuses %s", async (query) => {
    expect(await ask(`/api/machines?${query}`)).toMatchObject({ status: 400, body: { error: { code: "ODataError" } } });
  });

  it("gives its machines page by page", async () => {
    state.pageSize = 2;

    const { body } = await ask("/api/machines");
    const next = new URL(body["@odata.nextLink"]);

    expect(body.value).toHaveLength(2);
    expect(next.host).toBe("api.security.microsoft.com");
    expect((await ask(`${next.pathname}${next.search}`)).body).toMatchObject({ value: [{ id: three }] });
    expect((await ask("/api/machines?$top=1")).body["@odata.nextLink"]).toBeUndefined();
    expect((await ask("/api/machines?$top=3")).body["@odata.nextLink"]).toMatch(/top=1&/);
  });

  it("finds a machine by its id and by its name, and says which one it has not", async () => {
    expect((await ask(`/api/machines/${one}`)).body).toMatchObject({ id: one });
    expect((await ask("/api/machines/web.contoso.com")).body).toMatchObject({ id: one });
    expect(await ask(`/api/machines/${device}`)).toMatchObject({
      status: 404,
      body: { error: { code: "ResourceNotFound", message: `Machine ${device} was not found` } },
    });
  });

  it.each([
    ["computerDnsName eq 'WEB.contoso.com'", [one]],
    ["startswith(computerDnsName,'DB')", [two]],
    ["healthStatus ne 'ACTIVE'", [two]],
  ])("filters by %s whatever the letter case, if that is how it is", async (filter, expected) => {
    state.mindsLetterCase = false;

    expect((await list(filter)).body.value.map(({ id }: { id: string }) => id)).toEqual(expected);
  });

  it("gives one alert with its evidence or refuses the question, as it is set", async () => {
    state.expandsOneAlert = false;

    expect((await ask("/api/alerts/da1_-1?$expand=evidence")).status).toBe(400);
    expect((await ask("/api/alerts/da1_-1")).status).toBe(200);
  });

  it("keeps the evidence of an alert to itself until it is asked for", async () => {
    expect((await ask("/api/alerts/da1_-1")).body).toMatchObject({ machineId: one, evidence: [] });
    expect((await ask("/api/alerts/da1_-1?$expand=evidence")).body).toMatchObject({ evidence: [{ entityType: "Ip" }] });
    expect((await ask("/api/alerts/da1_-1?$expand=machine")).status).toBe(400);
    expect((await ask("/api/alerts/da2_2")).status).toBe(404);
  });

  it.each([
    ["no token", undefined, 401, "Unauthorized"],
    ["a forged token", "Bearer a.b.c", 401, "Unauthorized"],
  ])("refuses %s", async (_, authorization, status, code) => {
    const headers = authorization === undefined ? {} : { authorization };
    const response = await fetch(`${azure.url}/api.security.microsoft.com/api/machines`, { headers });

    expect([response.status, await response.json()]).toMatchObject([status, { error: { code } }]);
  });

  it("forbids a token for another service, even for its own host name", async () => {
    const scope = "https://api.security.microsoft.com/.default";

    expect(await ask("/api/machines", { scope })).toMatchObject({
      status: 403,
      body: { error: { code: "Forbidden" } },
    });
  });

  it("forbids what the caller was given no role for", async () => {
    state.permissions = new Set(["Alert.Read.All"]);

    expect((await ask("/api/machines")).status).toBe(403);
    expect((await ask("/api/alerts/da1_-1")).status).toBe(200);
  });

  it.each([
    ["POST", `/api/machines/${one}/offboard`],
    ["PATCH", "/api/alerts/da1_-1"],
    ["POST", "/api/indicators/import"],
    ["GET", "/api/machines/findbyip(ip='10.0.0.4',timestamp=2026-11-23T09:00:00Z)"],
  ])("says of %s %s, which it does not play, that nothing was done", async (method, path) => {
    expect(await ask(path, { method })).toMatchObject({
      status: 501,
      body: { error: { code: "NotSimulated", message: expect.stringContaining("nothing was done") } },
    });
  });

  it("throttles by the hour as well as by the minute, each API by itself", () => {
    const host = createEndpointHost(state)({ ...tools, identity: { ...tools.identity, authenticate: () => claims } });
    const call = (path: string) => {
      const url = new URL(`https://api.security.microsoft.com${path}`);
      return host.answer({ method: "GET", url, header: () => undefined, text: "" }, noStrike);
    };
    let now = clock.now().getTime();
    vi.spyOn(clock, "now").mockImplementation(() => new Date(now));
    for (let n = 0; n < 1500; n++) {
      expect(call(`/api/machines/${one}`)).toMatchObject({ status: 200 });
      now += 1_000;
    }

    expect(call(`/api/machines/${one}`)).toMatchObject({
      status: 429,
      headers: { "retry-after": "2100" },
      body: { error: { code: "429", message: "API calls quota exceeded! maximum allowed 1500 per 01:00:00" } },
    });
    expect(call("/api/machines")).toMatchObject({ status: 200 });
    vi.restoreAllMocks();
  });

  it("fails when it is asked to", async () => {
    azure.faults.add({
      kind: "status",
      operation: "Endpoint_ListMachines",
      status: 429,
      retryAfterSeconds: 7,
      count: 1,
    });

    const { status, headers, body } = await ask("/api/machines");

    expect([status, headers.get("retry-after"), body.error.code]).toEqual([429, "7", "429"]);
    expect((await ask("/api/machines")).status).toBe(200);
  });

  const published = ["error-machine-not-found", "error-throttled-minute", "find-machine-by-dns-name"] as const;
  const folder = referencePath("mde-graph-examples", "mde");
  it.skipIf(!folder).each(published)(
    `answers as published in %s${folder ? "" : ` (${referenceAbsent})`}`,
    async (name) => {
      const { response } = JSON.parse(readFileSync(`${folder}/${name}.json`, "utf8"));
      const paths = {
        "error-machine-not-found": "/api/machines/123123123",
        "error-throttled-minute": `/api/machines/${one}`,
        "find-machine-by-dns-name": "/api/machines?$filter=computerDnsName%20eq%20'web.contoso.com'",
      };
      if (name === "error-throttled-minute") for (let call = 0; call < 100; call++) await ask(paths[name]);

      const { status, body } = await ask(paths[name]);

      expect(status).toBe(response.status);
      if (body.error) {
        const { target, ...error } = response.error ?? response.body.error;
        expect(body).toEqual({ error: { ...error, target: expect.stringMatching(/^[\da-f-]{36}$/) } });
        expect(target).toBeDefined();
      } else {
        expect(body["@odata.context"]).toBe(response.body["@odata.context"]);
        const [theirs] = response.body.value;
        const extra = ["osProcessor", "osBuild", "ipAddresses"];
        const missing = Object.keys(theirs).filter((field) => !(field in body.value[0]) && !extra.includes(field));
        expect(missing).toEqual([]);
      }
    },
  );
});
