import type { Alert } from "../alert.ts";
import { alertKey } from "../alert-key.ts";
import { clip, descriptionLimit, fewest, titleLimit } from "../clip.ts";
import { createEntities } from "../entities.ts";
import { readExtendedProperties } from "../extended-properties.ts";
import { isIncidentId } from "../fetchable-id.ts";
import { find, isObject, type Json, number, text, texts, value } from "../fields.ts";
import { readResourceId, readTechniques } from "../ids.ts";
import { readInstant } from "../instant.ts";
import { readPortalLink } from "../portal-link.ts";
import { readSeverity, severityWords } from "../read-severity.ts";
import { type Reading, refused } from "../reading.ts";
import { isSampleAlert } from "../sample-alert.ts";
import { readSentinelEntities } from "../sentinel/sentinel-entities.ts";
import { readSentinelMember } from "../sentinel/sentinel-member.ts";

const family = "sentinel-incident";

const statuses: ReadonlyMap<string, Alert["status"]> = new Map([
  ["new", "new"],
  ["active", "inProgress"],
  ["closed", "resolved"],
]);

const classifications: ReadonlyMap<string, NonNullable<Alert["classification"]>> = new Map([
  ["falsepositive", "false-positive"],
  ["benignpositive", "benign"],
  ["truepositive", "true-positive"],
]);

/** A Sentinel incident: the ARM resource, or what the Logic App's incident trigger makes of it. */
export function isSentinelIncident(payload: Json): boolean {
  return (
    text(payload, "type")?.toLowerCase() === "microsoft.securityinsights/incidents" ||
    text(payload, "objectSchemaType")?.toLowerCase() === "incident"
  );
}

/** The resource holds neither alerts nor entities, which have to be fetched; the trigger mostly brings them along. */
export function readSentinelIncident(payload: Json, at: string): Reading {
  const wrapped = find(payload, "objectSchemaType") ? find(payload, "object") : undefined;
  const incident = find(payload, "objectSchemaType") ? wrapped?.value : payload;
  if (!isObject(incident)) return refused(`${at}object is missing: there is no incident in the trigger's body`, family);
  const base = wrapped ? `${at}${wrapped.key}.` : at;

  const properties = find(incident, "properties");
  const body = isObject(properties?.value) ? properties.value : {};
  const alerts = find(body, "alerts");
  const entities = find(body, "relatedEntities");
  if (Array.isArray(alerts?.value) && Array.isArray(entities?.value)) {
    const isWhole = alerts.value.length > 0 || (number(additional(body), "alertsCount") ?? 0) === 0;
    const inside = `${base}${properties?.key}.`;
    if (isWhole) {
      return combine(incident, base, [
        { items: alerts.value, path: `${inside}${alerts.key}` },
        { items: entities.value, path: `${inside}${entities.key}` },
      ]);
    }
  }
  const armId = text(incident, "id");
  if (!armId || !isIncidentId(armId)) return refused(`${base}id is not the ARM id of a Sentinel incident`, family);
  return { fetch: { what: "sentinel-incident", armId, incident }, family };
}

/** One Alert of an incident and of the lists that `POST {incident}/alerts` and `POST {incident}/entities` answer with. */
export function combineIncident(
  incident: Json,
  alerts: readonly unknown[],
  entities: readonly unknown[],
  at: string,
): Reading {
  return combine(incident, at, [
    { items: alerts, path: `${at}alerts` },
    { items: entities, path: `${at}entities` },
  ]);
}

interface Listed {
  items: readonly unknown[];
  path: string;
}

function combine(incident: Json, at: string, [alerts, listed]: readonly [Listed, Listed]): Reading {
  const notes: string[] = [];
  const properties = find(incident, "properties");
  // Dumps of the Python SDK are flat, their names in snake_case.
  const body = isObject(properties?.value) ? properties.value : incident;
  const path = isObject(properties?.value) ? `${at}${properties?.key}.` : at;
  const armId = text(incident, "id");
  const productId = text(incident, "name") ?? armId?.split("/").at(-1);
  if (!productId)
    return refused(`${at}name is missing: without it the incident cannot be told from its repetitions`, family);
  const severity = readSeverity(value(body, "severity"));
  if (!severity) return refused(`${path}severity is not one of ${severityWords}`, family);
  const status = statuses.get(text(body, "status")?.toLowerCase() ?? "new");
  if (!status) return refused(`${path}status is not one of New, Active, Closed`, family);
  const raisedAt = readInstant(either(body, "createdTimeUtc")) ?? readInstant(either(body, "firstActivityTimeUtc"));
  if (!raisedAt) return refused(`${path}createdTimeUtc is not a time`, family);

  const members = alerts.items.flatMap((item, index) => readSentinelMember(item, `${alerts.path}[${index}]`) ?? []);
  const [type, ...otherTypes] = new Set(members.map((member) => member.type));
  const entities = createEntities(notes);
  // The entities of what an identity did name that identity.
  const byIdentity = members.length > 0 && members.every((member) => /^(?:KV|ARM|RM)_/i.test(member.type ?? ""));
  const accounts = byIdentity ? "attacker" : "victim";
  readSentinelEntities(listed.items, listed.path, { entities, notes, accounts });
  for (const { resources, properties: extended } of members) {
    for (const { resourceId, foundAt } of resources)
      entities.add("azure-resource", "victim", { resourceId: readResourceId(resourceId) }, foundAt);
    if (extended) readExtendedProperties(extended, accounts, entities, notes);
  }

  const more = additional(body);
  const title = text(body, "title") ?? "Sentinel incident";
  const description = text(body, "description") ?? "";
  const classification = classifications.get(text(body, "classification")?.toLowerCase() ?? "");
  const updatedAt = readInstant(either(body, "lastModifiedTimeUtc"));
  const isOneType = type !== undefined && otherTypes.length === 0;
  return {
    alert: {
      key: alertKey("sentinel", productId),
      source: "sentinel",
      family,
      productId: clip(productId, titleLimit, "name", notes),
      type: isOneType ? clip(type, titleLimit, "alertType", notes) : "Incident",
      title: clip(title, titleLimit, "title", notes),
      description: clip(description, descriptionLimit, "description", notes),
      severity,
      status,
      ...(classification ? { classification } : {}),
      // One sample among the alerts is enough: its made-up addresses stand among the others.
      sample: isSampleAlert({ title, description }) || members.some((member) => member.sample),
      incident: true,
      members: [...new Set(members.flatMap(({ key }) => key ?? []))],
      tactics: [...new Set([...texts(more, "tactics"), ...members.flatMap(({ tactics }) => tactics)])].filter(isTactic),
      techniques: readTechniques([...texts(more, "techniques"), ...members.flatMap(({ techniques }) => techniques)]),
      raisedAt,
      ...(updatedAt ? { updatedAt } : {}),
      references: referencesOf(body, armId),
      entities: entities.all(),
      notes: fewest(notes),
    },
  };
}

function additional(body: Json): Json {
  const found = value(body, "additionalData") ?? value(body, "additional_data");
  return isObject(found) ? found : {};
}

/** `createdTimeUtc`, or `created_time_utc` as the Python SDK dumps it. */
function either(body: Json, name: string): string | undefined {
  return (
    text(body, name) ??
    text(
      body,
      name.replaceAll(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`),
    )
  );
}

function isTactic(tactic: string): boolean {
  return /^[A-Za-z]{1,40}$/.test(tactic) && tactic !== "Unknown";
}

function referencesOf(body: Json, armId: string | undefined): Alert["references"] {
  // An incident that the Defender portal made has that portal's number; Sentinel's own numbers mean nothing elsewhere.
  const ofXdr = /\bxdr\b|365 defender/i.test(either(body, "providerName") ?? "");
  const incidentId = ofXdr ? either(body, "providerIncidentId") : undefined;
  const portal = readPortalLink(either(body, "incidentUrl"));
  return {
    ...(armId && isIncidentId(armId) ? { armId } : {}),
    ...(incidentId && /^\d{1,18}$/.test(incidentId) ? { incidentId } : {}),
    ...(portal ? { portal } : {}),
  };
}
