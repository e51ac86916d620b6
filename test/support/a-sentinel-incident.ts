import { Alert } from "../../shared/alerts/alert.ts";
import { combineIncident } from "../../shared/alerts/families/sentinel-incident.ts";
import type { Reading } from "../../shared/alerts/reading.ts";

export type Json = Record<string, unknown>;

export const subscription = "/subscriptions/00000000-0000-4000-8000-000000000001";
const workspace = `${subscription}/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights/workspaces/contoso-soc`;
export const name = "6b1f6a52-6a35-4c0a-9f0e-0d7c4a6f2b11";
export const armId = `${workspace}/providers/Microsoft.SecurityInsights/Incidents/${name}`;
export const objectId = "7d1f3c52-1111-4222-8333-abcdefabcdef";
export const ticks = "2516049539998765432_0d9c7e11-0000-4000-8000-000000000001";

export function incidentWith(properties: Json = {}): Json {
  return {
    id: armId,
    name,
    type: "Microsoft.SecurityInsights/Incidents",
    properties: {
      title: "Brute force against the shop",
      description: "d",
      severity: "High",
      status: "New",
      createdTimeUtc: "2026-11-23T09:15:00.1234567Z",
      lastModifiedTimeUtc: "2026-11-23T09:20:00Z",
      incidentNumber: 84,
      additionalData: { alertsCount: 1, tactics: ["PreAttack"], techniques: ["T1110"] },
      incidentUrl: `https://portal.azure.com/#asset/Microsoft_Azure_Security_Insights/Incident${armId}`,
      ...properties,
    },
  };
}

export function memberWith(properties: Json = {}): Json {
  return {
    id: `${workspace}/providers/Microsoft.SecurityInsights/Entities/1`,
    kind: "SecurityAlert",
    properties: {
      systemAlertId: "0d9c7e11-0000-4000-8000-000000000002",
      providerAlertId: ticks,
      alertDisplayName: "Suspected brute-force attack attempt",
      vendorName: "Microsoft",
      productName: "Azure Security Center",
      alertType: "SQL.VM_BruteForce",
      tactics: ["PreAttack", "CredentialAccess"],
      ...properties,
    },
  };
}

let made = 0;
export const entity = (kind: string, properties: Json) => ({
  id: `${workspace}/providers/Microsoft.SecurityInsights/Entities/e${made++}`,
  kind,
  properties,
});

export function alertIn(reading: Reading): Alert {
  if (!("alert" in reading)) throw new Error(JSON.stringify(reading));
  Alert.strict().parse(reading.alert);
  return reading.alert;
}
export const combined = (alerts: unknown[], entities: unknown[] = [], properties: Json = {}) =>
  alertIn(combineIncident(incidentWith(properties), alerts, entities, ""));
export const entitiesOf = (...entities: unknown[]) => combined([memberWith()], entities).entities;
