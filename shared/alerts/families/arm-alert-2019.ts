import { isObject, type Json, text, value } from "../fields.ts";
import { type Reading, refused } from "../reading.ts";
import { isArmAlert } from "./arm-alert.ts";
import { named, readDefenderForCloud, sourceOf } from "./defender-for-cloud.ts";

/** The same resource, api-version 2019-01-01: other names for type, severity, status and time, and no id beside that of the resource. */
export function isArmAlert2019(payload: Json): boolean {
  if (!isArmAlert(payload)) return false;
  const body = value(payload, "properties");
  return (
    isObject(body) &&
    value(body, "alertType") === undefined &&
    ["alertName", "reportedSeverity", "state"].some((name) => value(body, name) !== undefined)
  );
}

export function readArmAlert2019(payload: Json, at: string): Reading {
  const body = value(payload, "properties");
  if (!isObject(body)) return refused("properties is missing");
  const path = `${at}properties.`;
  return readDefenderForCloud({
    family: "arm-2019-01-01",
    body,
    path,
    source: sourceOf(body),
    productId: named(payload, at, ["name"]),
    type: named(body, path, ["alertName"]),
    attacked: { resources: ["associatedResource"] },
    id: text(payload, "id"),
  });
}
