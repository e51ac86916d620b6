import type { Source } from "../alert.ts";
import { find, isObject, type Json, list, text, texts, value } from "../fields.ts";
import { sourceOfProduct } from "../products.ts";
import { type Reading, refused } from "../reading.ts";
import { createFindings } from "../xdr/findings.ts";
import { readFlatEvidence } from "../xdr/flat-evidence.ts";
import { readDevice } from "../xdr/graph-machine.ts";
import { readXdrAlert } from "../xdr/xdr-alert.ts";

/** `GET /api/incidents` of Defender XDR: https://learn.microsoft.com/defender-xdr/api-list-incidents */
export function isXdrIncident(payload: Json): boolean {
  if (typeof value(payload, "incidentId") !== "number") return false;
  const alerts = value(payload, "alerts");
  const first: unknown = Array.isArray(alerts) ? alerts[0] : alerts;
  return isObject(first) && find(first, "serviceSource") !== undefined;
}

/** An incident is only the folder that its alerts lie in: each is read for itself. */
export function readXdrIncident(payload: Json, at: string): Reading[] {
  const field = find(payload, "alerts");
  const path = `${at}${field?.key}`;
  // Some collectors write one event an alert, with the alert where the list was.
  if (isObject(field?.value)) return [readIncidentAlert(field.value, `${path}.`)];
  const alerts: unknown[] = Array.isArray(field?.value) ? field.value : [];
  return alerts.map((alert, index) =>
    isObject(alert)
      ? readIncidentAlert(alert, `${path}[${index}].`)
      : refused(`${path}[${index}] is not an object`, "xdr-incident"),
  );
}

function readIncidentAlert(alert: Json, at: string): Reading {
  const findings = createFindings();
  const source = sourceOf(alert);
  if (!source) findings.notes.push(`${at}serviceSource is of no product that is known here`);
  const devices = list(alert, "devices");
  for (const [index, device] of devices.items.entries())
    if (isObject(device)) readDevice(device, `${at}${devices.key}[${index}]`, findings);
  readFlatEvidence(alert, "entities", at, findings);
  return readXdrAlert({
    family: "xdr-incident",
    source: source ?? "other",
    body: alert,
    at,
    ids: ["providerAlertId", "alertId"],
    raisedAt: ["firstActivity", "creationTime"],
    updatedAt: "lastUpdatedTime",
    techniques: texts(alert, "mitreTechniques"),
    findings,
  });
}

/** `MicrosoftDefenderATP` and `MicrosoftCloudAppSecurity` are the products' older names; this one goes by no other's. */
function sourceOf(alert: Json): Source | undefined {
  const name = text(alert, "serviceSource");
  if (name?.toLowerCase() === "officeatp") return "defender-for-office-365";
  return sourceOfProduct([name, text(alert, "detectionSource")]);
}
