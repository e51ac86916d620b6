import { isObject, type Json, text, value } from "../fields.ts";
import { type Reading, refused } from "../reading.ts";
import { named, readDefenderForCloud, sourceOf } from "./defender-for-cloud.ts";

/** ARM resource `Microsoft.Security/locations/alerts`, api-version 2022-01-01. */
export function isArmAlert(payload: Json): boolean {
  return (
    text(payload, "type")?.toLowerCase() === "microsoft.security/locations/alerts" &&
    isObject(value(payload, "properties"))
  );
}

export function readArmAlert(payload: Json, at: string): Reading {
  const body = value(payload, "properties");
  if (!isObject(body)) return refused("properties is missing");
  const path = `${at}properties.`;
  return readDefenderForCloud({
    family: "arm-2022-01-01",
    body,
    path,
    source: sourceOf(body),
    productId: named(body, path, ["systemAlertId"]),
    type: named(body, path, ["alertType"]),
    attacked: { resources: ["compromisedEntity"] },
    id: text(payload, "id"),
  });
}
