import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { securityAlertRoutes } from "../../../local/azure/security/alert-routes.ts";
import { type ArmAlerts, createArmAlerts, ForeignArmId } from "../../../shared/azure/arm-alerts.ts";
import { openTenant, subscriptionId, type Tenant } from "../../support/a-tenant.ts";
import { referenceAbsent, referencePath } from "../../support/reference-material.ts";

let tenant: Tenant;
let client: ArmAlerts;

beforeAll(async () => {
  tenant = await openTenant();
  client = createArmAlerts(tenant.connection);
});
beforeEach(async () => {
  await tenant.clock.advance(300_000);
  tenant.azure.faults.clear();
  tenant.alerts.length = 0;
  tenant.incidents.length = 0;
  tenant.takeCalls();
});
afterAll(() => tenant.close());

const inGroup = `/subscriptions/${subscriptionId}/resourceGroups/rg-shop/providers/Microsoft.Security/locations/westeurope/alerts/2517208794693556669_481f0000-0000-4000-8000-000000000001`;
const inSubscription = inGroup.replace("/resourceGroups/rg-shop", "");
const incidentId = `/subscriptions/${subscriptionId}/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights/workspaces/soc/providers/Microsoft.SecurityInsights/Incidents/1505`;

const absent = referencePath("arm-examples") === undefined;
const because = absent ? ` (skipped: ${referenceAbsent})` : "";
const reference = (...parts: string[]) => JSON.parse(readFileSync(referencePath(...parts) ?? "", "utf8"));

describe("an alert", () => {
  it.each([
    ["of a resource group", inGroup],
    ["of a subscription", inSubscription],
  ])("%s is read as the service gives it, in any letter case of its id", async (_, id) => {
    tenant.alerts.push({ id, properties: { severity: "High" } });

    expect(await client.alert(id)).toEqual({ id, properties: { severity: "High" } });
    expect(await client.alert(id.toUpperCase())).toMatchObject({ id });
  });

  it("that is not there is none, also when it lies under a resource group and is asked for without", async () => {
    tenant.alerts.push({ id: inGroup });

    expect(await client.alert(inSubscription)).toBeUndefined();
    expect(tenant.takeCalls()).toEqual(["Alerts_GetSubscriptionLevel 404"]);
  });

  it("is asked for once when the service is busy", async () => {
    tenant.azure.faults.add({ kind: "status", operation: "*", status: 429, retryAfterSeconds: 5 });

    await expect(client.alert(inGroup)).rejects.toMatchObject({ status: 429, retryAfterMs: 5_000, transient: true });
    expect(tenant.takeCalls()).toEqual(["Alerts_GetResourceGroupLevel 429"]);
  });
});

describe("an incident", () => {
  it("is read with its alerts and its entities, which lie elsewhere", async () => {
    const incident = { id: incidentId, name: "1505", properties: { title: "One" } };
    tenant.incidents.push({
      incident,
      alerts: [{ kind: "SecurityAlert" }],
      entities: [{ kind: "Ip" }, { kind: "Ip" }],
    });

    expect(await client.incident(incidentId)).toEqual(incident);
    expect(await client.incidentAlerts(incidentId)).toEqual([{ kind: "SecurityAlert" }]);
    expect(await client.incidentEntities(incidentId)).toEqual([{ kind: "Ip" }, { kind: "Ip" }]);
    expect(tenant.takeCalls()).toEqual(["Incidents_Get 200", "Incidents_ListAlerts 200", "Incidents_ListEntities 200"]);
  });

  it("that is not there has nothing", async () => {
    expect(await client.incident(incidentId)).toBeUndefined();
    expect(await client.incidentAlerts(incidentId)).toBeUndefined();
    expect(await client.incidentEntities(incidentId)).toBeUndefined();
  });

  it("is throttled after a hundred reads of its alerts in five minutes", async () => {
    tenant.incidents.push({ incident: { id: incidentId }, alerts: [], entities: [] });
    await Promise.all(Array.from({ length: 100 }, () => client.incidentAlerts(incidentId)));

    await expect(client.incidentAlerts(incidentId)).rejects.toMatchObject({ status: 429, retryAfterMs: 300_000 });
    expect(await client.incidentEntities(incidentId)).toEqual([]);
    await tenant.clock.advance(300_000);
    expect(await client.incidentAlerts(incidentId)).toEqual([]);
  });
});

describe("an id that an event gives", () => {
  const others = [
    "",
    "/",
    `${inGroup}/dismiss`,
    `${inGroup}?api-version=2022-01-01&x=`,
    `${inGroup}#x`,
    `${inGroup}/../../../../providers/Microsoft.KeyVault/vaults`,
    inGroup.replace("rg-shop", ".."),
    inGroup.replace("rg-shop", "a/b"),
    inGroup.replace("rg-shop", "%2e%2e"),
    inGroup.replace(subscriptionId, "x"),
    inGroup.replace("Microsoft.Security", "Microsoft.Storage"),
    inGroup.replace("/alerts/", "/tasks/"),
    `https://elsewhere.example${inGroup}`,
    `//elsewhere.example${inGroup}`,
    `${inGroup}\n`,
    ` ${inGroup}`,
  ];

  it.each(others)("and is no alert's is not asked for: %j", async (id) => {
    await expect(client.alert(id)).rejects.toThrow(ForeignArmId);
    await expect(client.incident(id)).rejects.toThrow(ForeignArmId);
    await expect(client.incidentAlerts(id)).rejects.toThrow(ForeignArmId);
    expect(tenant.takeCalls()).toEqual([]);
  });

  it("does not make an alert of an incident, nor the other way round", async () => {
    await expect(client.alert(incidentId)).rejects.toThrow(/alert of Defender for Cloud/);
    await expect(client.incidentEntities(inGroup)).rejects.toThrow(/incident of Sentinel/);
  });

  it("may name a resource group in any script", async () => {
    const id = inGroup.replace("rg-shop", "gruppe-für_alles.(1)");
    tenant.alerts.push({ id });

    expect(await client.alert(id)).toEqual({ id });
  });
});

it("is refused in another version than the resource's own", async () => {
  const { credential, httpClient } = await tenant.connection();
  const wrong = createArmAlerts(async () => ({
    credential,
    httpClient: {
      sendRequest: async (request) => {
        request.url = request.url.replace("2022-01-01", "2024-05-01");
        if (!httpClient) throw new Error("the tenant has no transport");
        return httpClient.sendRequest(request);
      },
    },
  }));

  await expect(wrong.alert(inGroup)).rejects.toMatchObject({ status: 400, code: "NoRegisteredProviderFound" });
});

describe.skipIf(absent)(`the published material${because}`, () => {
  it("has every route of the alerts", () => {
    const { paths } = reference("arm-specs", "security-alerts-2021-11-01.subset.json");
    for (const { operationId, method, path } of securityAlertRoutes([])) {
      // The material is of 2021-11-01; this action came with 2022-01-01.
      if (path.endsWith("/inProgress")) continue;
      expect(String(paths[path]?.[method.toLowerCase()]?.operationId).toLowerCase()).toBe(operationId.toLowerCase());
    }
  });

  it("has an alert that is read as it is, whose name is not the one that its id ends in", async () => {
    const example = reference("arm-examples", "security", "GetAlertResourceGroupLocation_example.json");
    const { body } = example.responses["200"];
    tenant.alerts.push(body);

    expect(await client.alert(body.id)).toEqual(body);
    expect(example.parameters["api-version"]).toBe("2022-01-01");
    expect(body.id.endsWith(body.name)).toBe(false);
  });

  it("has lists of an incident that are answered to the letter", async () => {
    const alerts = reference("samples", "sentinel_incident", "spec_incident_alerts_list.json");
    const entities = reference("samples", "sentinel_incident", "spec_incident_entities_list.json");
    tenant.incidents.push({ incident: { id: incidentId }, alerts: alerts.value, entities: entities.entities });
    const { IDENTITY_ENDPOINT, IDENTITY_HEADER } = tenant.azure.identity;
    const issued = await fetch(`${IDENTITY_ENDPOINT}?api-version=2019-08-01&resource=https://management.azure.com`, {
      headers: { "x-identity-header": IDENTITY_HEADER },
    });
    const { access_token: token } = Object(await issued.json());
    const post = async (what: string) => {
      const url = `${tenant.azure.url}/management.azure.com${incidentId}/${what}?api-version=2023-02-01`;
      const answer = await fetch(url, { method: "POST", headers: { authorization: `Bearer ${token}` } });
      const body: unknown = await answer.json();
      return body;
    };

    expect(await post("alerts")).toEqual(alerts);
    expect(await post("entities")).toEqual(entities);
  });
});
