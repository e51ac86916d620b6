import { readDefenderForCloud } from "../defender-for-cloud/read-defender-for-cloud.ts";
import { find, type Json } from "../fields.ts";
import type { Reading } from "../reading.ts";

/** The body of a Logic App trigger or of an Event Hub export: no envelope of its own, letter case not to be trusted. */
export function isFlatAlert(payload: Json): boolean {
  return find(payload, "systemAlertId") !== undefined && find(payload, "alertType") !== undefined;
}

export function readFlatAlert(payload: Json, at: string): Reading {
  return readDefenderForCloud({
    family: "flat",
    body: payload,
    at,
    type: "alertType",
    attacked: { resources: ["azureResourceId", "compromisedEntity"] },
  });
}
