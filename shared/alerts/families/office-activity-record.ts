import type { Alert } from "../alert.ts";
import { alertKey } from "../alert-key.ts";
import { clip, descriptionLimit, fewest, titleLimit } from "../clip.ts";
import { createEntities } from "../entities.ts";
import { find, type Json, text, value } from "../fields.ts";
import { readGuid, readTechniques, readUpn } from "../ids.ts";
import { readInstant } from "../instant.ts";
import { readPortalLink } from "../portal-link.ts";
import { readSeverity, severityWords } from "../read-severity.ts";
import { type Reading, refused } from "../reading.ts";
import { isSampleAlert } from "../sample-alert.ts";

const statuses: ReadonlyMap<string, Alert["status"]> = new Map([
  ["active", "new"],
  ["open", "new"],
  ["new", "new"],
  ["investigating", "inProgress"],
  ["resolved", "resolved"],
  ["closed", "resolved"],
  ["dismissed", "dismissed"],
]);

/** An alert of Defender for Cloud Apps as the Office 365 Management Activity API tells of it (`RecordType` 98). */
export function isOfficeActivityRecord(payload: Json): boolean {
  return text(payload, "Operation")?.toUpperCase().startsWith("MCAS_ALERT_") ?? false;
}

export function readOfficeActivityRecord(payload: Json, at: string): Reading {
  const family = "office-activity";
  const notes: string[] = [];
  const type = text(payload, "Operation");
  const productId = readId(payload);
  if (!productId || !type)
    return refused(
      `${at}ObjectId and ${at}AlertUri are missing: without them the alert cannot be told from its repetitions`,
      family,
    );
  const severity = readSeverity(value(payload, "AlertSeverity"));
  if (!severity) return refused(`${at}AlertSeverity is not one of ${severityWords}`, family);
  const status = statuses.get(text(payload, "AlertStatus")?.toLowerCase() ?? "new");
  if (!status) return refused(`${at}AlertStatus is not one that is known`, family);
  const raisedAt = readInstant(text(payload, "CreationTime"));
  if (!raisedAt) return refused(`${at}CreationTime is not a time`, family);

  const title = ["AlertDisplayName", "AlertName", "Title"].map((name) => text(payload, name)).find(Boolean) ?? type;
  const description = text(payload, "AlertDescription") ?? text(payload, "Description") ?? "";
  const portal = readPortalLink(value(payload, "AlertUri"));
  const entities = createEntities(notes);
  for (const { raw, foundAt } of addresses(payload, at)) entities.address("attacker", raw, foundAt);
  const user = find(payload, "UserId");
  const who = { objectId: readGuid(user?.value), upn: readUpn(user?.value) };
  entities.add("user", "victim", who, `${at}${user?.key}`);
  return {
    alert: {
      key: alertKey("defender-for-cloud-apps", productId),
      source: "defender-for-cloud-apps",
      family,
      productId: clip(productId, titleLimit, "ObjectId", notes),
      type: clip(type, titleLimit, "Operation", notes),
      title: clip(title, titleLimit, "title", notes),
      description: clip(description, descriptionLimit, "description", notes),
      severity,
      status,
      sample: isSampleAlert({ title, description }),
      incident: false,
      members: [],
      tactics: [],
      techniques: readTechniques([description]),
      raisedAt,
      references: portal ? { portal } : {},
      entities: entities.all(),
      notes: fewest(notes),
    },
  };
}

/** The alert's id in Cloud Apps' own API has 24 hexadecimal digits: with it the record and the alert are the same. */
function readId(payload: Json): string | undefined {
  const objectId = text(payload, "ObjectId");
  if (objectId && /^[0-9a-f]{24}$/i.test(objectId)) return objectId;
  const [, inLink] = /\/alerts\/(?:ca)?([0-9a-f]{24})(?![0-9a-z])/i.exec(text(payload, "AlertUri") ?? "") ?? [];
  return inLink ?? objectId;
}

function addresses(payload: Json, at: string): { raw: unknown; foundAt: string }[] {
  return ["ClientIPs", "ClientIP"].flatMap((name) => {
    const field = find(payload, name);
    if (!field?.value) return [];
    const foundAt = `${at}${field.key}`;
    if (Array.isArray(field.value)) return field.value.map((raw, index) => ({ raw, foundAt: `${foundAt}[${index}]` }));
    return typeof field.value === "string"
      ? field.value.split(",", 200).map((raw) => ({ raw: raw.trim(), foundAt }))
      : [];
  });
}
