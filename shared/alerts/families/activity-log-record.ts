import { armIdFromId } from "../defender-for-cloud/alert-arm-id.ts";
import { firstInstant, type Named, toReading } from "../defender-for-cloud/finding.ts";
import { roleOfAccounts, structure } from "../defender-for-cloud/gather-entities.ts";
import { readExtendedProperties } from "../extended-properties.ts";
import { isObject, isTrue, type Json, meant, text, value } from "../fields.ts";
import { readResourceId } from "../ids.ts";
import type { Reading } from "../reading.ts";
import { named } from "./defender-for-cloud.ts";

const activation = "microsoft.security/locations/alerts/activate/action";

/** What the Activity Log keeps of an alert: no entities, and the extended properties among its own. */
export function isActivityLogRecord(payload: Json): boolean {
  return worded(payload, "operationName")?.toLowerCase() === activation;
}

export function readActivityLogRecord(payload: Json, at: string): Reading {
  const notes: string[] = [];
  const properties = structure(payload, at, "properties", notes);
  const body = isObject(properties.value) ? properties.value : {};
  const path = `${properties.key}.`;
  const productId = named(payload, at, ["correlationId"]);
  // The record is about the alert itself, so its resource is the alert.
  const armId = productId.value && armIdFromId(text(payload, "resourceId"), productId.value);
  // The record carries no id of the detection, only the words for it.
  const name: Named = { name: `${at}eventName`, value: worded(payload, "eventName") };
  const times = ["eventTimestamp", "submissionTimestamp"];
  return toReading({
    family: "activity-log",
    source: "defender-for-cloud",
    productId,
    type: name,
    title: name,
    description: text(payload, "description"),
    // `level` is that of the record, always Informational.
    severity: named(body, path, ["severity"]),
    status: { name: `${at}status`, value: worded(payload, "status") },
    raisedAt: firstInstant(payload, times),
    times,
    incident: isTrue(body, "isIncident"),
    tactics: [text(body, "intent")].flatMap((intent) => intent ?? []),
    techniques: [],
    references: armId ? { armId } : {},
    gather(entities, type, noted) {
      noted.push(...notes);
      readExtendedProperties({ key: properties.key, value: body }, roleOfAccounts(type), entities, noted);
      const resourceId = readResourceId(value(body, "compromisedEntity"));
      entities.add("azure-resource", "victim", { resourceId }, `${path}compromisedEntity`);
    },
  });
}

/** `{"value": …, "localizedValue": …}`, or the value alone. */
function worded(payload: Json, name: string): string | undefined {
  const found = value(payload, name);
  return isObject(found) ? text(found, "value") : meant(found);
}
