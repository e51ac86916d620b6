import type { Alert } from "../alert.ts";
import { isOutgoingType } from "../attack-direction.ts";
import { accountsOf } from "../defender-for-cloud/accounts.ts";
import { createEntities } from "../entities.ts";
import { readExtendedProperties } from "../extended-properties.ts";
import { isIncidentId } from "../fetchable-id.ts";
import { eachOf, find, firstText, inner, type Json, join, number, type Placed, text, texts } from "../fields.ts";
import { readResourceId, readTechniques } from "../ids.ts";
import { readInstant } from "../instant.ts";
import { makeAlert, type Named, named, namedInstant } from "../make-alert.ts";
import { readPortalLink } from "../portal-link.ts";
import type { Reading } from "../reading.ts";
import { isSimulated } from "../sample-alert.ts";
import { readSentinelEntities } from "../sentinel/sentinel-entities.ts";
import { type Member, readSentinelMember } from "../sentinel/sentinel-member.ts";
import { readClassification } from "../severity-and-status.ts";

/** A Sentinel incident: the ARM resource, or what the Logic App's incident trigger makes of it. */
export function isSentinelIncident(payload: Json): boolean {
  return (
    text(payload, "type")?.toLowerCase() === "microsoft.securityinsights/incidents" ||
    text(payload, "objectSchemaType")?.toLowerCase() === "incident"
  );
}

/** The resource holds neither alerts nor entities, which have to be fetched; the trigger mostly brings them along. */
export function readSentinelIncident(payload: Json, at: string): Reading {
  const isWrapped = find(payload, "objectSchemaType") !== undefined;
  const incident = isWrapped ? inner(payload, "object", at) : { object: payload, at };
  if (!incident) return { refused: `${join(at, "object")} is missing: there is no incident in the trigger's body` };

  const properties = inner(incident.object, "properties", incident.at);
  const alerts = listed(properties, "alerts");
  const entities = listed(properties, "relatedEntities");
  if (properties && alerts && entities) {
    const isWhole = alerts.items.length > 0 || (number(additional(properties.object), "alertsCount") ?? 0) === 0;
    if (isWhole) return combine(incident, alerts, entities);
  }
  const armId = text(incident.object, "id");
  if (!armId || !isIncidentId(armId))
    return { refused: `${join(incident.at, "id")} is not the ARM id of a Sentinel incident` };
  return { fetch: { what: "sentinel-incident", armId, incident: incident.object } };
}

/** One Alert of an incident and of the lists that `POST {incident}/alerts` and `POST {incident}/entities` answer with. */
export function combineIncident(
  incident: Json,
  alerts: readonly unknown[],
  entities: readonly unknown[],
  at: string,
): Reading {
  return combine(
    { object: incident, at },
    { items: alerts, at: join(at, "alerts") },
    { items: entities, at: join(at, "entities") },
  );
}

interface Listed {
  items: readonly unknown[];
  at: string;
}

function listed(holder: Placed | undefined, name: string): Listed | undefined {
  const field = holder && find(holder.object, name);
  return holder && Array.isArray(field?.value) ? { items: field.value, at: join(holder.at, field.key) } : undefined;
}

function combine(incident: Placed, alerts: Listed, related: Listed): Reading {
  // Dumps of the Python SDK are flat, their names in snake_case.
  const { object: body, at } = inner(incident.object, "properties", incident.at) ?? incident;
  const members: Member[] = [];
  eachOf(alerts.items, alerts.at, (item, itemAt) => {
    const member = readSentinelMember(item, itemAt);
    if (member) members.push(member);
  });
  const entities = createEntities();
  // The entities of what an identity did name that identity.
  const types = members.map((member) => member.type ?? "");
  const accounts = accountsOf(
    types,
    members.flatMap(({ properties }): Json[] => (properties ? [properties.object] : [])),
  );
  entities.outgoing = types.some(isOutgoingType);
  readSentinelEntities(related.items, related.at, accounts, entities);
  for (const { resources, properties } of members) {
    for (const { resourceId, foundAt } of resources)
      entities.add("azure-resource", "victim", { resourceId: readResourceId(resourceId) }, foundAt);
    if (properties) readExtendedProperties(properties.object, properties.at, accounts.role, entities);
  }

  const more = additional(body);
  const title = named(body, at, ["title"]);
  const description = text(body, "description");
  return makeAlert({
    family: "sentinel-incident",
    source: "sentinel",
    productId: idOf(incident),
    type: typeOf(members, alerts.at),
    title: { at: title.at, value: title.value ?? "Sentinel incident" },
    description,
    severity: named(body, at, ["severity"]),
    status: named(body, at, ["status"]),
    active: "inProgress",
    classification: readClassification(text(body, "classification")),
    raisedAt: namedInstant(body, at, [...spellings("createdTimeUtc"), ...spellings("firstActivityTimeUtc")]),
    updatedAt: readInstant(firstText(body, spellings("lastModifiedTimeUtc"))),
    sample: isSample(members, title.value ?? "", description ?? ""),
    incident: true,
    members: [...new Set(members.flatMap(({ key }) => key ?? []))],
    tactics: [...new Set([...texts(more, "tactics"), ...members.flatMap(({ tactics }) => tactics)])].filter(isTactic),
    techniques: readTechniques([...texts(more, "techniques"), ...members.flatMap(({ techniques }) => techniques)]),
    references: referencesOf(body, text(incident.object, "id")),
    entities,
  });
}

function idOf({ object, at }: Placed): Named {
  const value = text(object, "name") ?? text(object, "id")?.split("/").at(-1);
  return { at: join(at, "name"), value };
}

/** That of the alerts, if they are all of one. */
function typeOf(members: readonly Member[], at: string): Named {
  const [type, ...others] = new Set(members.map((member) => member.type));
  return { at: `${at}.alertType`, value: others.length === 0 ? (type ?? "Incident") : "Incident" };
}

/**
 * One simulated alert is enough, as its made-up addresses stand among the others. A test file is laid by whoever likes: beside other
 * alerts it must not make a test of them.
 */
function isSample(members: readonly Member[], title: string, description: string): boolean {
  if (isSimulated({ title, description }) || members.some(({ sample }) => sample === "simulated")) return true;
  return members.length > 0 && members.every(({ sample }) => sample !== undefined);
}

function additional(body: Json): Json {
  return (inner(body, "additionalData", "") ?? inner(body, "additional_data", ""))?.object ?? {};
}

/** `createdTimeUtc`, and `created_time_utc` as the Python SDK dumps it. */
function spellings(name: string): [string, string] {
  return [name, name.replaceAll(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`)];
}

function isTactic(tactic: string): boolean {
  return /^[A-Za-z]{1,40}$/.test(tactic) && tactic !== "Unknown";
}

function referencesOf(body: Json, armId: string | undefined): Alert["references"] {
  // An incident that the Defender portal made has that portal's number; Sentinel's own numbers mean nothing elsewhere.
  const ofXdr = /\bxdr\b|365 defender/i.test(firstText(body, spellings("providerName")) ?? "");
  const incidentId = ofXdr ? firstText(body, spellings("providerIncidentId")) : undefined;
  return {
    armId: armId && isIncidentId(armId) ? armId : undefined,
    incidentId: incidentId && /^\d{1,18}$/.test(incidentId) ? incidentId : undefined,
    portal: readPortalLink(firstText(body, spellings("incidentUrl"))),
  };
}
