import { readDefenderForCloud } from "./defender-for-cloud.ts";
import { find, type Json, value } from "./fields.ts";
import type { Reading } from "./reading.ts";

/** The body of a Logic App trigger or of an Event Hub export: no envelope of its own, letter case not to be trusted. */
export function isFlatAlert(payload: Json): boolean {
  return (
    find(payload, "systemAlertId") !== undefined &&
    find(payload, "alertType") !== undefined &&
    // Log Analytics rows look the same but hold their entities as JSON text.
    typeof value(payload, "entities") !== "string"
  );
}

export function readFlatAlert(payload: Json): Reading {
  return readDefenderForCloud({
    family: "flat",
    body: payload,
    path: "",
    title: "alertDisplayName",
    raisedAt: ["startTimeUtc", "timeGenerated", "timeGeneratedUtc"],
  });
}
