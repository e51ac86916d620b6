import { createHttpHeaders, type HttpClient } from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createCloudAppsHost } from "../../../local/azure/cloud-apps/cloud-apps-host.ts";
import {
  type CloudAppsState,
  cloudAppsAlert,
  cloudAppsState,
} from "../../../local/azure/cloud-apps/cloud-apps-state.ts";
import { type SimulatedAzure, startSimulatedAzure } from "../../../local/azure/simulated-azure.ts";
import { type CloudApps, createCloudApps } from "../../../shared/azure/cloud-apps.ts";
import { createRewritingHttpClient } from "../../../shared/azure/rewriting-http-client.ts";
import { aServiceCredential } from "../../support/a-service-credential.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";

const url = "https://contoso.eu2.portal.cloudappsecurity.com";
const idOf = (n: number) => n.toString(16).padStart(24, "0");

let clock: ManualClock;
let state: CloudAppsState;
let azure: SimulatedAzure;
let cloudApps: CloudApps;

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
  azure.calls.length = 0;
  Object.assign(state, cloudAppsState());
  const httpClient = createRewritingHttpClient(azure.url);
  // A slash at the end, as people copy it.
  cloudApps = createCloudApps(async () => ({ credential: aServiceCredential(clock), httpClient }), `${url}/`);
});
afterAll(() => azure.close());

describe("the alerts of Defender for Cloud Apps", () => {
  it("come oldest first, a page at a time, whatever order they are held in", async () => {
    for (const n of [3, 1, 2]) state.alerts.push(cloudAppsAlert({ _id: idOf(n), timestamp: 1_000 * n }));

    const page = await cloudApps.alerts({ filters: { date: { gte: 1_000, lte: 3_000 } }, limit: 2 });
    const rest = await cloudApps.alerts({ filters: { date: { gte: 1_000, lte: 3_000 } }, skip: 2, limit: 2 });

    expect(page).toMatchObject({ alerts: [{ _id: idOf(1) }, { _id: idOf(2) }], hasNext: true });
    expect(rest).toMatchObject({ alerts: [{ _id: idOf(3) }], hasNext: false });
  });

  it("are found by when they were raised, both ends included", async () => {
    for (const n of [1, 2, 3]) state.alerts.push(cloudAppsAlert({ _id: idOf(n), timestamp: n }));

    const { alerts } = await cloudApps.alerts({ filters: { date: { gte: 2, lte: 2 } } });

    expect(alerts).toMatchObject([{ _id: idOf(2) }]);
  });

  it("are found by when they were closed", async () => {
    const resolveTime = "2026-11-23T08:00:00.000Z";
    state.alerts.push(
      cloudAppsAlert({ _id: idOf(1), timestamp: 1, resolutionStatusValue: 3, resolveTime }),
      cloudAppsAlert({ _id: idOf(2), timestamp: 2 }),
    );

    const at = Date.parse(resolveTime);
    const found = await cloudApps.alerts({ filters: { resolutionDate: { gte: at, lte: at } } });

    expect(found.alerts).toMatchObject([{ _id: idOf(1), resolutionStatusValue: 3 }]);
  });

  it("are refused without the right to read them", async () => {
    state.permissions = new Set(["Settings.read"]);

    await expect(cloudApps.alerts({ filters: {} })).rejects.toMatchObject({
      status: 403,
      transient: false,
      message: expect.stringContaining("You do not have permission"),
    });
  });

  it("are not read as none when the answer is no list of them", async () => {
    const httpClient: HttpClient = {
      sendRequest: async (request) => ({ request, status: 200, headers: createHttpHeaders(), bodyAsText: "{}" }),
    };
    const odd = createCloudApps(async () => ({ credential: aServiceCredential(clock), httpClient }), url);

    await expect(odd.alerts({ filters: {} })).rejects.toMatchObject({ code: "UnexpectedAnswer", transient: false });
  });

  it("are refused from the 31st call in a minute on, without a word on how long to wait", async () => {
    for (let call = 0; call < 30; call++) await cloudApps.alerts({ filters: {} });

    await expect(cloudApps.alerts({ filters: {} })).rejects.toMatchObject({
      status: 429,
      transient: true,
      retryAfterMs: undefined,
    });
    await clock.advance(60_000);
    expect(await cloudApps.alerts({ filters: {} })).toEqual({ alerts: [], hasNext: false });
  });
});
