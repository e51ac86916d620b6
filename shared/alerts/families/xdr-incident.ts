import { createEntities } from "../entities.ts";
import { eachObject, find, isObject, type Json, join, text, texts, value } from "../fields.ts";
import { sourceOfProduct } from "../products.ts";
import type { Reading } from "../reading.ts";
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
  const path = join(at, field?.key ?? "alerts");
  // Some collectors write one event an alert, with the alert where the list was.
  if (isObject(field?.value)) return [readIncidentAlert(field.value, path)];
  const alerts: unknown[] = Array.isArray(field?.value) ? field.value : [];
  return alerts.map((alert, index) => {
    const alertAt = `${path}[${index}]`;
    return isObject(alert) ? readIncidentAlert(alert, alertAt) : { refused: `${alertAt} is not an object` };
  });
}

function readIncidentAlert(alert: Json, at: string): Reading {
  const entities = createEntities();
  eachObject(alert, "devices", at, (device, deviceAt) => readDevice(device, deviceAt, entities));
  readFlatEvidence(alert, "entities", at, entities);
  return readXdrAlert({
    family: "xdr-incident",
    source: sourceOfProduct([text(alert, "serviceSource"), text(alert, "detectionSource")]),
    body: alert,
    at,
    ids: ["providerAlertId", "alertId"],
    raisedAt: ["firstActivity", "creationTime"],
    updatedAt: "lastUpdatedTime",
    techniques: texts(alert, "mitreTechniques"),
    entities,
  });
}
