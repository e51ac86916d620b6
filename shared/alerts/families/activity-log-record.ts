import { isOutgoingTitle } from "../attack-direction.ts";
import { accountsOf } from "../defender-for-cloud/accounts.ts";
import { armIdFromId } from "../defender-for-cloud/alert-arm-id.ts";
import { readStructure } from "../defender-for-cloud/gather-entities.ts";
import { isAlertId } from "../defender-for-cloud/product-id.ts";
import { readTactics } from "../defender-for-cloud/tactics.ts";
import { createEntities } from "../entities.ts";
import { readExtendedProperties } from "../extended-properties.ts";
import { firstText, isObject, isTrue, type Json, join, meant, text, value } from "../fields.ts";
import { readResourceId } from "../ids.ts";
import { makeAlert, type Named, named, namedInstant } from "../make-alert.ts";
import type { Reading } from "../reading.ts";

const activation = "microsoft.security/locations/alerts/activate/action";

/** Of records that have no words for what was found. */
const unnamed = "ActivityLogAlert";

/** What the Activity Log keeps of an alert: no entities, and the extended properties among its own. */
export function isActivityLogRecord(payload: Json): boolean {
  return worded(payload, "operationName")?.toLowerCase() === activation;
}

export function readActivityLogRecord(payload: Json, at: string): Reading {
  const entities = createEntities();
  const properties = readStructure(payload, at, "properties", entities.notes);
  const body = isObject(properties.value) ? properties.value : {};
  const productId = idOf(payload, at);
  const title = titleOf(payload, body);
  // The record carries no id of the detection, only the words for it.
  const type = { at: join(at, "eventName"), value: title ?? unnamed };
  if (title === undefined)
    entities.notes.push(`${type.at} is not given, nor other words for what was found: the type is ${unnamed}`);
  entities.outgoing = isOutgoingTitle(type.value);
  readExtendedProperties(body, properties.at, accountsOf([type.value], []).role, entities);
  const resourceId = readResourceId(value(body, "compromisedEntity"));
  entities.add("azure-resource", "victim", { resourceId }, join(properties.at, "compromisedEntity"));
  const intent = text(body, "intent");
  return makeAlert({
    family: "activity-log",
    source: "defender-for-cloud",
    productId,
    type,
    title: type,
    description: text(payload, "description"),
    // `level` is that of the record, always Informational.
    severity: named(body, properties.at, ["severity"]),
    // Diagnostic settings write other names for status and time than the Activity Log itself.
    status: { at: join(at, "status"), value: worded(payload, "status") ?? worded(payload, "resultType") },
    active: "new",
    raisedAt: namedInstant(payload, at, ["eventTimestamp", "submissionTimestamp", "time"]),
    incident: isTrue(body, "isIncident"),
    tactics: readTactics(intent === undefined ? [] : [intent]),
    // The record is about the alert itself, so its resource is the alert.
    references: { armId: productId.value && armIdFromId(text(payload, "resourceId"), productId.value) },
    entities,
  });
}

/** The alert's own id where the record says it: `correlationId` is another one in records of 2017. */
function idOf(payload: Json, at: string): Named {
  const [, last] = /\/alerts\/([\w-]{1,128})$/i.exec(text(payload, "resourceId") ?? "") ?? [];
  if (last && isAlertId(last)) return { at: join(at, "resourceId"), value: last };
  return named(payload, at, ["correlationId"]);
}

/** Webhooks leave the event's name out. */
function titleOf(payload: Json, properties: Json): string | undefined {
  const names = ["eventName", "alertDisplayName", "displayName", "alertName", "title"];
  const own = worded(payload, "eventName") ?? firstText(properties, names);
  return own ?? /^[^.!?\n]{1,256}/.exec(text(payload, "description") ?? "")?.[0].trim();
}

/** `{"value": …, "localizedValue": …}`, or the value alone. */
function worded(payload: Json, name: string): string | undefined {
  const found = value(payload, name);
  return isObject(found) ? text(found, "value") : meant(found);
}
