import { isAlertId, isArmAlertId, isIncidentId } from "../fetchable-id.ts";
import { find, isObject, type Json, join, value } from "../fields.ts";
import type { Fetch, Reading } from "../reading.ts";

/**
 * Our own event for alerts that are too large for a topic: what to fetch, not where from. An id is all it says, so that nobody who may
 * send events can have us call an address of his choice.
 * `{ "portcullisFetch": { "what": "graph-alert", "id": "da637551227677560813_-961444813" } }`
 */
export function isThinEvent(payload: Json): boolean {
  return find(payload, "portcullisFetch") !== undefined;
}

export function readThinEvent(payload: Json, at: string): Reading {
  const thin = value(payload, "portcullisFetch");
  const path = join(at, "portcullisFetch");
  if (!isObject(thin)) return { refused: `${path} is not an object with what and id` };
  const { what, id } = thin;
  if (typeof id !== "string") return { refused: `${path}.id is not text` };
  const fetch = fetchOf(what, id);
  if (fetch) return { fetch };
  return isKind(what)
    ? { refused: `${path}.id is not the id of a ${what}` }
    : { refused: `${path}.what is not one of ${kinds.join(", ")}` };
}

const kinds = ["arm-alert", "graph-alert", "endpoint-alert", "sentinel-incident"] as const;

function isKind(what: unknown): what is (typeof kinds)[number] {
  return kinds.some((kind) => kind === what);
}

function fetchOf(what: unknown, id: string): Fetch | undefined {
  if (what === "arm-alert") return isArmAlertId(id) ? { what, armId: id } : undefined;
  if (what === "sentinel-incident") return isIncidentId(id) ? { what, armId: id } : undefined;
  if (what === "graph-alert" || what === "endpoint-alert") return isAlertId(id) ? { what, id } : undefined;
  return undefined;
}
