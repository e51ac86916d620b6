import { readDefenderForCloud } from "../defender-for-cloud/read-defender-for-cloud.ts";
import { inner, isObject, type Json, text, value } from "../fields.ts";
import type { Reading } from "../reading.ts";

/** ARM resource `Microsoft.Security/locations/alerts`, api-version 2022-01-01. */
export function isArmAlert(payload: Json): boolean {
  return (
    text(payload, "type")?.toLowerCase() === "microsoft.security/locations/alerts" &&
    isObject(value(payload, "properties"))
  );
}

export function readArmAlert(payload: Json, at: string): Reading {
  const properties = inner(payload, "properties", at);
  if (!properties) return { refused: "properties is missing" };
  return readDefenderForCloud({
    family: "arm-2022-01-01",
    body: properties.object,
    at: properties.at,
    type: "alertType",
    attacked: { resources: ["compromisedEntity"] },
    id: text(payload, "id"),
  });
}
