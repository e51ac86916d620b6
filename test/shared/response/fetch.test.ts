import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Fetch } from "../../../shared/alerts/reading.ts";
import { createArmAlerts } from "../../../shared/azure/arm-alerts.ts";
import { AzureError } from "../../../shared/azure/azure-error.ts";
import { createEndpoint } from "../../../shared/azure/endpoint.ts";
import { type FetchClients, fetchPayload } from "../../../shared/response/fetch.ts";
import { openTenant, subscriptionId, type Tenant } from "../../support/a-tenant.ts";

let tenant: Tenant;
let clients: FetchClients;
const graphAlerts = new Map<string, unknown>();

beforeAll(async () => {
  tenant = await openTenant();
  clients = {
    armAlerts: createArmAlerts(tenant.connection),
    endpoint: createEndpoint(tenant.connection),
    graphAlert: async (id) => graphAlerts.get(id),
  };
});
beforeEach(() => {
  tenant.azure.faults.clear();
  tenant.alerts.length = 0;
  tenant.incidents.length = 0;
  tenant.endpoint.alerts = [];
  tenant.endpoint.permissions = new Set(["Alert.Read.All"]);
  graphAlerts.clear();
  tenant.takeCalls();
});
afterAll(() => tenant.close());

const armId = `/subscriptions/${subscriptionId}/providers/Microsoft.Security/locations/westeurope/alerts/2517208794693556669_481f0000-0000-4000-8000-000000000001`;
const incidentId = `/subscriptions/${subscriptionId}/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights/workspaces/soc/providers/Microsoft.SecurityInsights/Incidents/1505`;
const endpointId = "da638000000000000000_-880718168";

const pointers: [string, Fetch][] = [
  ["an alert of Defender for Cloud", { what: "arm-alert", armId }],
  ["an alert of Graph", { what: "graph-alert", id: endpointId }],
  ["an alert of Defender for Endpoint", { what: "endpoint-alert", id: endpointId }],
  ["an incident of Sentinel", { what: "sentinel-incident", armId: incidentId }],
];

function anIncident(status: string) {
  return {
    incident: {
      id: incidentId,
      name: "1505",
      type: "Microsoft.SecurityInsights/Incidents",
      properties: {
        title: "Sign-in from an odd place",
        severity: "High",
        status,
        createdTimeUtc: "2026-11-23T09:00:00.0000000Z",
        lastModifiedTimeUtc: "2026-11-23T09:10:00.0000000Z",
        incidentNumber: 1505,
      },
    },
    alerts: [],
    entities: [{ kind: "Ip", properties: { address: "203.0.113.66" } }],
  };
}

describe("what a payload points at", () => {
  it("is read where it lies, as it is", async () => {
    tenant.alerts.push({ id: armId, properties: { severity: "High" } });
    tenant.endpoint.alerts = [{ id: endpointId, machineId: "a".repeat(40) }];
    graphAlerts.set(endpointId, { id: endpointId, serviceSource: "microsoftDefenderForEndpoint" });

    const [cloud, graph, endpoint] = await Promise.all(
      pointers.slice(0, 3).map(([, pointer]) => fetchPayload(pointer, clients)),
    );

    expect(cloud).toEqual({ payload: { id: armId, properties: { severity: "High" } } });
    expect(graph).toEqual({ payload: { id: endpointId, serviceSource: "microsoftDefenderForEndpoint" } });
    expect(endpoint).toMatchObject({ payload: { id: endpointId, machineId: "a".repeat(40) } });
  });

  it("is an incident with its entities, in the state that it has now and not when the event was sent", async () => {
    tenant.incidents.push(anIncident("Closed"));

    const fetched = await fetchPayload(
      { what: "sentinel-incident", armId: incidentId, incident: anIncident("New").incident },
      clients,
    );

    expect(fetched).toMatchObject({ reading: { alert: { source: "sentinel", status: "resolved", severity: "High" } } });
    const entities = "reading" in fetched && "alert" in fetched.reading ? fetched.reading.alert.entities : [];
    expect(entities).toMatchObject([{ kind: "ip", address: "203.0.113.66" }]);
    expect(tenant.takeCalls().sort()).toEqual([
      "Incidents_Get 200",
      "Incidents_ListAlerts 200",
      "Incidents_ListEntities 200",
    ]);
  });

  it.each(pointers)("is missing when there is no such: %s", async (_, pointer) => {
    expect(await fetchPayload(pointer, clients)).toEqual({ missing: expect.stringMatching(/has no such/) });
  });

  it("is missing when it may not be read, and says so", async () => {
    tenant.endpoint.permissions = new Set();
    tenant.endpoint.alerts = [{ id: endpointId }];
    const forbidden = new AzureError("read an alert", { status: 403, code: "Forbidden", message: "no consent" });
    const graphAlert = () => Promise.reject(forbidden);

    expect(await fetchPayload({ what: "endpoint-alert", id: endpointId }, clients)).toEqual({
      missing: expect.stringContaining("403"),
    });
    expect(await fetchPayload({ what: "graph-alert", id: endpointId }, { ...clients, graphAlert })).toEqual({
      missing: "could not read an alert: 403 Forbidden no consent",
    });
  });

  it.each(pointers)("is asked for again by whoever delivers when the service is busy: %s", async (_, pointer) => {
    tenant.azure.faults.add({ kind: "status", operation: "*", status: 503 });
    const busy = new AzureError("read an alert", { status: 503, code: "Busy", message: "" });
    const graphAlert = () => Promise.reject(busy);

    await expect(fetchPayload(pointer, { ...clients, graphAlert })).rejects.toMatchObject({ transient: true });
  });

  it("is missing when the incident went while it was being read", async () => {
    tenant.incidents.push(anIncident("New"));
    const armAlerts = { ...clients.armAlerts, incidentEntities: async () => undefined };

    const fetched = await fetchPayload({ what: "sentinel-incident", armId: incidentId }, { ...clients, armAlerts });

    expect(fetched).toEqual({ missing: "Sentinel has no such incident any more" });
  });
});

describe("an id that leads elsewhere", () => {
  it.each<Fetch>([
    { what: "arm-alert", armId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleAssignments` },
    { what: "arm-alert", armId: incidentId },
    { what: "sentinel-incident", armId: `${incidentId}/comments` },
    { what: "graph-alert", id: "../../users" },
    { what: "graph-alert", id: "a?$expand=x" },
    { what: "endpoint-alert", id: "" },
    { what: "endpoint-alert", id: "x".repeat(129) },
  ])("is missing, and nothing is asked: %j", async (pointer) => {
    expect(await fetchPayload(pointer, clients)).toEqual({ missing: expect.stringMatching(/not the ARM id|no id/) });
    expect(tenant.takeCalls()).toEqual([]);
  });
});
