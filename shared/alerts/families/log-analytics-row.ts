import { readDefenderForCloud } from "../defender-for-cloud/read-defender-for-cloud.ts";
import { find, type Json, value } from "../fields.ts";
import type { Reading } from "../reading.ts";

/** A row of the `SecurityAlert` table: the flat shape, but for structures that are JSON in strings (`""` where there is nothing). */
export function isLogAnalyticsRow(payload: Json): boolean {
  return (
    find(payload, "systemAlertId") !== undefined &&
    (typeof value(payload, "entities") === "string" || typeof value(payload, "extendedProperties") === "string")
  );
}

export function readLogAnalyticsRow(payload: Json, at: string): Reading {
  return readDefenderForCloud({
    family: "log-analytics",
    body: payload,
    at,
    // The table also holds what other products found, under ids of the workspace's own.
    idsOfOthers: ["vendorOriginalId", "providerAlertId", "systemAlertId"],
    type: "alertType",
    attacked: { resources: ["resourceId", "compromisedEntity"], agent: "sourceComputerId" },
  });
}
