import { createEntities, type Entities } from "../entities.ts";
import { eachOf, find, firstText, type Json, join, text, value } from "../fields.ts";
import { readGuid, readUpn } from "../ids.ts";
import { makeAlert, named, namedInstant } from "../make-alert.ts";
import { readPortalLink } from "../portal-link.ts";
import type { Reading } from "../reading.ts";

/** An alert of Defender for Cloud Apps as the Office 365 Management Activity API tells of it (`RecordType` 98). */
export function isOfficeActivityRecord(payload: Json): boolean {
  return text(payload, "Operation")?.toUpperCase().startsWith("MCAS_ALERT_") ?? false;
}

export function readOfficeActivityRecord(payload: Json, at: string): Reading {
  const description = firstText(payload, ["AlertDescription", "Description"]) ?? "";
  const entities = createEntities();
  for (const name of ["ClientIPs", "ClientIP"]) addAddresses(payload, name, at, entities);
  const user = find(payload, "UserId");
  const who = { objectId: readGuid(user?.value), upn: readUpn(user?.value) };
  entities.add("user", "victim", who, join(at, user?.key ?? "UserId"));
  return makeAlert({
    family: "office-activity",
    source: "defender-for-cloud-apps",
    productId: { at: `${join(at, "ObjectId")} or ${join(at, "AlertUri")}`, value: readId(payload) },
    type: named(payload, at, ["Operation"]),
    title: named(payload, at, ["AlertDisplayName", "AlertName", "Title"]),
    description,
    severity: named(payload, at, ["AlertSeverity"]),
    status: named(payload, at, ["AlertStatus"]),
    active: "new",
    raisedAt: namedInstant(payload, at, ["CreationTime"]),
    references: { portal: readPortalLink(value(payload, "AlertUri")) },
    entities,
  });
}

/** The alert's id in Cloud Apps' own API has 24 hexadecimal digits: with it the record and the alert are the same. */
function readId(payload: Json): string | undefined {
  const objectId = text(payload, "ObjectId");
  if (objectId && /^[0-9a-f]{24}$/i.test(objectId)) return objectId;
  const [, inLink] = /\/alerts\/(?:ca)?([0-9a-f]{24})(?![0-9a-z])/i.exec(text(payload, "AlertUri") ?? "") ?? [];
  return inLink ?? objectId;
}

/** A list, or a text with commas. */
function addAddresses(payload: Json, name: string, at: string, entities: Entities): void {
  const field = find(payload, name);
  if (!field?.value) return;
  const foundAt = join(at, field.key);
  if (Array.isArray(field.value))
    eachOf(field.value, foundAt, (raw, rawAt) => entities.address("attacker", raw, rawAt));
  else if (typeof field.value === "string")
    for (const raw of field.value.split(",", 200)) entities.address("attacker", raw, foundAt);
}
