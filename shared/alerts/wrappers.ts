import { isObject, type Json } from "./fields.ts";
import { isEnvelope, unwrap as unwrapEvent } from "./unwrap.ts";

/** What stood somewhere in a body once lists and wrappers were taken off. */
export type Payload<Family> = { at: string } & (
  | { payload: Json; family: Family }
  /** No family knows it, or it is no object at all. */
  | { payload: unknown }
  | { ignored: string }
  /** Why what stood there cannot be read. */
  | { refused: string }
);

/**
 * Lists of Resource Manager, Graph and Defender (`value`), of Cloud Apps (`data`), of Event Hubs (`records`); `body` of Logic App runs; those of
 * Azure Monitor's webhooks: https://learn.microsoft.com/azure/azure-monitor/alerts/activity-log-alerts-webhook
 */
const wrappers = new Set(["value", "data", "records", "body", "alerts", "context", "activitylog", "alertcontext"]);
/** What lists and answers carry beside what they wrap, lower case. */
const companions = new Set([
  "count",
  "total",
  "totalcount",
  "totalrecords",
  "max",
  "hasnext",
  "morethantotal",
  "nextlink",
  "statuscode",
  "headers",
  "schemaid",
  "essentials",
  "status",
]);
const depthLimit = 6;
const payloadLimit = 5000;

/** Takes lists, events' envelopes and wrappers off until `familyOf` knows what is inside, or nothing is left to take off. */
export function undoWrappers<Family>(
  body: unknown,
  familyOf: (candidate: Json) => Family | undefined,
): Payload<Family>[] {
  const found: Payload<Family>[] = [];
  undo(body, "", 0, true);
  return found;

  /** `plain`: so far there was nothing but wrappers, so that text is the sender's JSON and not the words of some third party. */
  function undo(candidate: unknown, at: string, depth: number, plain: boolean): void {
    if (found.length > payloadLimit) return;
    if (found.length === payloadLimit) {
      found.push({ at, refused: `more than ${payloadLimit} payloads in one body; the rest was not read` });
      return;
    }
    if (Array.isArray(candidate)) undoList(candidate, at, depth, plain);
    else if (typeof candidate === "string" && plain && looksLikeJson(candidate)) undoText(candidate, at, depth);
    else if (isObject(candidate)) undoObject(candidate, at, depth, plain);
    else found.push({ at, payload: candidate });
  }

  function undoList(candidate: unknown[], at: string, depth: number, plain: boolean): void {
    if (candidate.length === 0) found.push({ at, ignored: "an empty list" });
    else if (depth >= depthLimit) found.push(tooDeep(at));
    else
      for (const [index, item] of candidate.entries()) {
        undo(item, `${at}[${index}]`, depth + 1, plain);
        if (found.length > payloadLimit) return;
      }
  }

  function undoText(candidate: string, at: string, depth: number): void {
    if (depth >= depthLimit) {
      found.push(tooDeep(at));
      return;
    }
    let content: unknown;
    try {
      content = JSON.parse(candidate);
    } catch {
      found.push({ at, refused: "it is text that looks like JSON and is not" });
      return;
    }
    undo(content, at, depth + 1, true);
  }

  function undoObject(candidate: Json, at: string, depth: number, plain: boolean): void {
    // No alert looks like an event, and an event is told at a glance.
    if (isEnvelope(candidate)) {
      undoEvent(candidate, at, depth, plain);
      return;
    }
    const family = familyOf(candidate);
    if (family !== undefined) found.push({ at, payload: candidate, family });
    else undoObjectOf(candidate, at, depth, plain);
  }

  function undoEvent(candidate: Json, at: string, depth: number, plain: boolean): void {
    const event = unwrapEvent(candidate);
    const inside = at === "" ? "data" : `${at}.data`;
    if ("refused" in event) found.push({ at, refused: event.refused });
    else if (depth >= depthLimit) found.push(tooDeep(at));
    else undo(event.payload, inside, depth + 1, plain);
  }

  function undoObjectOf(candidate: Json, at: string, depth: number, plain: boolean): void {
    const keys = Object.keys(candidate);
    const wrapping = keys.filter((key) => wrappers.has(key.toLowerCase()));
    const isNothingElse = keys.every((key) => wrapping.includes(key) || isCompanion(key, candidate[key]));
    const text = plain && isNothingElse;
    const inside = wrapping.filter((key) => holdsPayloads(candidate[key], text));
    if (inside.length === 0) {
      found.push({ at, payload: candidate });
      return;
    }
    if (depth >= depthLimit) {
      found.push(tooDeep(at));
      return;
    }
    const before = found.length;
    for (const key of inside) undo(candidate[key], at === "" ? key : `${at}.${key}`, depth + 1, text);
    // Something that has more to say than a wrapper, and nothing inside that is known: it is a payload itself, of a shape nobody knows.
    if (!isNothingElse && !found.slice(before).some((payload) => "family" in payload))
      found.splice(before, found.length - before, { at, payload: candidate });
  }
}

function tooDeep(at: string): { at: string; refused: string } {
  return { at, refused: `lists and wrappers are nested more than ${depthLimit} deep` };
}

function isCompanion(key: string, held: unknown): boolean {
  if (companions.has(key.toLowerCase()) || key.startsWith("@") || key.startsWith("odata.")) return true;
  return key.toLowerCase() === "properties" && isObject(held) && Object.keys(held).length === 0;
}

function holdsPayloads(value: unknown, text: boolean): boolean {
  return Array.isArray(value) || isObject(value) || (text && typeof value === "string" && looksLikeJson(value));
}

function looksLikeJson(text: string): boolean {
  return /^\s*[[{]/.test(text);
}
