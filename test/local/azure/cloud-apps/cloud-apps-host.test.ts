import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createCloudAppsHost } from "../../../../local/azure/cloud-apps/cloud-apps-host.ts";
import {
  type CloudAppsState,
  cloudAppsAlert,
  cloudAppsState,
} from "../../../../local/azure/cloud-apps/cloud-apps-state.ts";
import { type SimulatedAzure, startSimulatedAzure } from "../../../../local/azure/simulated-azure.ts";
import { aServiceCredential } from "../../../support/a-service-credential.ts";
import { createManualClock, type ManualClock } from "../../../support/manual-clock.ts";
import { referenceAbsent, referencePath } from "../../../support/reference-material.ts";

const audience = "05a65629-4c1b-48c1-a78b-804c4abdd4af";
const idOf = (n: number) => n.toString(16).padStart(24, "0");

let clock: ManualClock;
let state: CloudAppsState;
let azure: SimulatedAzure;
let token: string;

beforeAll(async () => {
  clock = createManualClock("2026-11-23T09:30:00.000Z");
  state = cloudAppsState();
  azure = await startSimulatedAzure({
    port: 0,
    gatewayPort: 0,
    clock,
    services: [],
    hosts: [createCloudAppsHost(state)],
  });
});
beforeEach(async () => {
  await clock.advance(60_000);
  azure.faults.clear();
  Object.assign(state, cloudAppsState());
  token = await tokenFor(audience);
  for (const n of [1, 2, 3, 4]) {
    state.alerts.push(
      cloudAppsAlert({
        _id: idOf(n),
        timestamp: clock.now().getTime() - n * 86_400_000,
        severityValue: n % 3,
        statusValue: n % 2,
        ...(n > 2 ? { resolutionStatusValue: n, resolveTime: "2026-11-22T00:00:00.000Z" } : {}),
        entities: [
          { type: "ip", id: `203.0.113.${n}` },
          { type: "service", id: 11_161 },
        ],
      }),
    );
  }
});
afterAll(() => azure.close());

async function tokenFor(scope: string): Promise<string> {
  const found = await aServiceCredential(clock).getToken(scope);
  return found?.token ?? "";
}

async function ask(path: string, init: RequestInit = {}) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", ...init.headers };
  const response = await fetch(`${azure.url}/contoso.eu2.portal.cloudappsecurity.com${path}`, { ...init, headers });
  return { status: response.status, headers: response.headers, body: JSON.parse((await response.text()) || "null") };
}

const list = (query: unknown) => ask("/api/v1/alerts/", { method: "POST", body: JSON.stringify(query) });

describe("the simulated Defender for Cloud Apps", () => {
  it.each([
    [{ date: { range: [{ start: 0, end: 1 }] } }, []],
    [{ date: { gte_ndays: 2 } }, [1, 2]],
    [{ date: { lte_ndays: 3 } }, [3, 4]],
    [{ alertOpen: { eq: true } }, [1, 2]],
    [{ alertOpen: { eq: false } }, [3, 4]],
    [{ resolutionStatus: { eq: [3, 0] } }, [1, 2, 3]],
    [{ resolutionStatus: { neq: 0 } }, [3, 4]],
    [{ resolutionDate: { gte: Date.parse("2026-11-22") } }, [3, 4]],
    [{ resolutionDate: { lte: Date.parse("2026-11-21") } }, []],
    [{ severity: { eq: 0 } }, [3]],
    [{ read: { eq: true } }, [1, 3]],
    [{ id: { eq: [idOf(2)] } }, [2]],
    [{ "entity.ip": { eq: ["203.0.113.4"] }, alertOpen: { eq: false } }, [4]],
    [{ "entity.service": { neq: 11_161 } }, []],
  ])("filters by %j", async (filters, expected) => {
    const { status, body } = await list({ filters });

    expect(status).toBe(200);
    expect(body.data.map(({ _id }: { _id: string }) => Number.parseInt(_id, 16))).toEqual(expected);
  });

  it("sorts, skips and says whether there is more", async () => {
    const { body } = await list({ sortField: "severity", sortDirection: "asc", skip: 1, limit: 2 });

    expect(body.data.map(({ severityValue }: { severityValue: number }) => severityValue)).toEqual([1, 1]);
    expect(body).toMatchObject({ hasNext: true, total: 4, moreThanTotal: false });
  });

  it("gives no more than 100 whatever is asked for", async () => {
    state.alerts = Array.from({ length: 101 }, (_, n) => cloudAppsAlert({ _id: idOf(n), timestamp: n }));

    expect((await list({ limit: 1_000 })).body).toMatchObject({ data: { length: 100 }, hasNext: true, total: 101 });
  });

  it("takes the same list in the address of a GET", async () => {
    const query = new URLSearchParams({ filters: '{"alertOpen":{"eq":true}}', sortDirection: "asc", limit: "1" });

    expect((await ask(`/api/v1/alerts/?${query}`)).body).toMatchObject({ data: [{ _id: idOf(2) }], hasNext: true });
    expect((await ask("/api/v1/alerts/?filters=%7B")).status).toBe(400);
  });

  it.each([
    ["a filter that does not exist", { filters: { lastModified: { gte: 1 } } }],
    ["an operator that the filter has not", { filters: { severity: { gte: 1 } } }],
    ["a time that is none", { filters: { date: { gte: "2026-11-23T00:00:00Z" } } }],
    ["another order", { sortField: "title" }],
    ["a skip below nothing", { skip: -1 }],
    ["a parameter that does not exist", { top: 1 }],
  ])("refuses %s", async (_, query) => {
    expect((await list(query)).status).toBe(400);
  });

  it.each([
    ["no token", {}, 401],
    ["a token of the portal, which is not played", { authorization: "Token abc" }, 401],
    ["a forged token", { authorization: "Bearer a.b.c" }, 401],
  ])("refuses %s", async (_, headers: Record<string, string>, status) => {
    const response = await fetch(`${azure.url}/contoso.eu2.portal.cloudappsecurity.com/api/v1/alerts/`, { headers });

    expect(response.status).toBe(status);
  });

  it("refuses a token for another service", async () => {
    token = await tokenFor("https://graph.microsoft.com/.default");

    expect((await list({})).status).toBe(403);
  });

  it("throttles the 31st call in a minute, and the longer whoever does not wait", async () => {
    for (let call = 0; call < 30; call++) expect((await list({})).status).toBe(200);
    await clock.advance(30_000);

    const { status, headers } = await list({});
    expect([status, headers.has("retry-after")]).toEqual([429, false]);
    for (let call = 0; call < 29; call++) await list({});
    await clock.advance(30_000);
    expect((await list({})).status).toBe(429);
    await clock.advance(60_000);
    expect((await list({})).status).toBe(200);
  });

  it("says of what it does not play that nothing was done", async () => {
    const read = await ask(`/api/v1/alerts/${idOf(1)}/read/`, { method: "POST", body: "{}" });

    expect(read).toMatchObject({ status: 501, body: { detail: expect.stringContaining("nothing was done") } });
    expect((await ask("/api/v1/alerts", { method: "POST", body: "{}" })).status).toBe(501);
  });

  it("fails when it is asked to", async () => {
    azure.faults.add({
      kind: "status",
      operation: "CloudApps_ListAlerts",
      status: 503,
      retryAfterSeconds: 7,
      count: 1,
    });

    const { status, headers } = await list({});

    expect([status, headers.get("retry-after")]).toEqual([503, "7"]);
    expect((await list({})).status).toBe(200);
  });

  const published = referencePath("samples", "mcas_alert_api", "docs_list_honeytoken_mdi.json");
  it.skipIf(!published)(`answers in the published shape${published ? "" : ` (${referenceAbsent})`}`, async () => {
    const page = JSON.parse(readFileSync(published ?? "", "utf8"));
    const ours = (await list({})).body;

    expect(Object.keys(ours).toSorted()).toEqual(Object.keys(page).toSorted());
    const [theirs] = page.data;
    const known = ["comment", "handledByUser", "resolveTime", "threatScore"];
    for (const field of Object.keys(theirs).filter((name) => !known.includes(name))) {
      expect([field, typeof ours.data[0][field]]).toEqual([field, typeof theirs[field]]);
    }
  });
});
