import { find, type Json, value } from "../fields.ts";
import type { Reading } from "../reading.ts";
import { named, readDefenderForCloud, sourceOf } from "./defender-for-cloud.ts";

/** A row of the `SecurityAlert` table: the flat shape, but for structures that are JSON in strings (`""` where there is nothing). */
export function isLogAnalyticsRow(payload: Json): boolean {
  return (
    find(payload, "systemAlertId") !== undefined &&
    (typeof value(payload, "entities") === "string" || typeof value(payload, "extendedProperties") === "string")
  );
}

/** The table also holds what other products found, under ids of the workspace's own. */
const idsOfOthers = ["vendorOriginalId", "providerAlertId", "systemAlertId"];

export function readLogAnalyticsRow(payload: Json, at: string): Reading {
  const source = sourceOf(payload);
  return readDefenderForCloud({
    family: "log-analytics",
    body: payload,
    path: at,
    source,
    productId: named(payload, at, source === "defender-for-cloud" ? ["systemAlertId"] : idsOfOthers),
    type: named(payload, at, ["alertType"]),
    attacked: { resources: ["resourceId", "compromisedEntity"], agent: "sourceComputerId" },
  });
}
