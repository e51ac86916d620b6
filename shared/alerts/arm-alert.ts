import { readDefenderForCloud } from "./defender-for-cloud.ts";
import { isObject, type Json, text, value } from "./fields.ts";
import { type Reading, refused } from "./reading.ts";

/** ARM resource `Microsoft.Security/locations/alerts`, api-version 2022-01-01. */
export function isArmAlert(payload: Json): boolean {
  return (
    text(payload, "type")?.toLowerCase() === "microsoft.security/locations/alerts" &&
    isObject(value(payload, "properties"))
  );
}

export function readArmAlert(payload: Json): Reading {
  const body = value(payload, "properties");
  if (!isObject(body)) return refused("properties is missing");
  return readDefenderForCloud({
    family: "arm-2022-01-01",
    body,
    path: "properties.",
    title: "alertDisplayName",
    raisedAt: ["startTimeUtc", "timeGeneratedUtc"],
  });
}
