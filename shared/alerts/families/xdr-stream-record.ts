import { isObject, type Json, join, text, value } from "../fields.ts";
import type { Reading } from "../reading.ts";
import { alertTables, joinStream, kindOf } from "../xdr/join-stream.ts";

export { joinStream };

/** A record that XDR's streaming API writes to an Event Hub: https://learn.microsoft.com/defender-xdr/streaming-api-event-hub */
export function isXdrStreamRecord(payload: Json): boolean {
  return text(payload, "category")?.toLowerCase().startsWith(alertTables) === true;
}

/** An alert comes in pieces, in any order: one AlertInfo, and one AlertEvidence for each of its entities. */
export function readXdrStreamRecord(payload: Json, at: string): Reading {
  const kind = kindOf(payload);
  if (!kind) return { ignored: `${join(at, "category")} is of no table that alerts are made of` };
  const properties = value(payload, "properties");
  const alertId = isObject(properties) ? text(properties, "AlertId") : undefined;
  if (!alertId)
    return { refused: `${join(at, "properties.AlertId")} is missing: the record cannot be joined to its alert` };
  return { part: { alertId, kind, record: payload } };
}
