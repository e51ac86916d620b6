import { readDefenderForCloud } from "../defender-for-cloud/read-defender-for-cloud.ts";
import { inner, isObject, type Json, text, value } from "../fields.ts";
import { named } from "../make-alert.ts";
import type { Reading } from "../reading.ts";
import { isArmAlert } from "./arm-alert.ts";

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
  const properties = inner(payload, "properties", at);
  if (!properties) return { refused: "properties is missing" };
  return readDefenderForCloud({
    family: "arm-2019-01-01",
    body: properties.object,
    at: properties.at,
    productId: named(payload, at, ["name"]),
    type: "alertName",
    attacked: { resources: ["associatedResource"] },
    id: text(payload, "id"),
  });
}
