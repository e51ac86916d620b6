import { find, isObject, type Json, text, value } from "./fields.ts";
import { readInstant } from "./instant.ts";
import { payloadDigest } from "./payload-digest.ts";

/** An event without its envelope. */
export interface Unwrapped {
  eventId: string;
  /** When the publisher sent it; undefined where the envelope does not say. */
  publishedAt: string | undefined;
  payload: unknown;
}

export interface NotUnwrapped {
  refused: string;
  eventId?: string;
}

/**
 * Whether a body is an event: Event Grid schema or CloudEvents 1.0 (https://github.com/cloudevents/spec), alive or from a dead-letter
 * container, where a CloudEvent comes without its `specversion`. For bodies that may as well be a bare payload.
 */
export function isEnvelope(body: unknown): body is Json {
  if (!isObject(body) || typeof value(body, "id") !== "string") return false;
  if (isText(body, "eventType"))
    return isText(body, "eventTime") || isText(body, "dataVersion") || find(body, "data") !== undefined;
  if (!isText(body, "type") || !isText(body, "source")) return false;
  return (
    isText(body, "specversion") ||
    (find(body, "data") !== undefined && (isText(body, "deadLetterReason") || isText(body, "dataContentType")))
  );
}

/** Takes an Event Grid event or a CloudEvent apart. Publishers sometimes serialise `data` twice. */
export function unwrap(event: unknown): Unwrapped | NotUnwrapped {
  if (!isObject(event)) return { refused: "the event is not an object" };
  const eventId = text(event, "id");
  if (!eventId) return { refused: "the event has no id" };
  const isCloudEvent =
    value(event, "specversion") !== undefined || (isText(event, "type") && !isText(event, "eventType"));
  const times = isCloudEvent ? ["time", "publishTime"] : ["eventTime", "publishTime"];
  const publishedAt = times.map((name) => readInstant(text(event, name))).find((instant) => instant !== undefined);
  const base64 = value(event, "data_base64");
  const plain = value(event, "data");
  // Which of the two would count is not for whoever sends both to choose.
  if (plain !== undefined && typeof base64 === "string")
    return { eventId, refused: "the event has both data and data_base64" };
  const data = typeof base64 === "string" ? Buffer.from(base64, "base64").toString("utf8") : plain;
  if (typeof data !== "string") return { eventId, publishedAt, payload: data };
  try {
    return { eventId, publishedAt, payload: JSON.parse(data.replace(/^\uFEFF/, "")) };
  } catch {
    return {
      eventId,
      refused: typeof base64 === "string" ? "data_base64 is not JSON" : "data is text that is not JSON",
    };
  }
}

/** As many as Event Grid delivers in one batch. */
const eventLimit = 5000;

/**
 * Everything in a body that may be one event, a batch of events (Event Grid's array, a CloudEvents batch), a list of bare payloads or
 * one bare payload. What has no envelope has no id either: it gets one made of its content and its place, so that sending it again
 * gives the same. Never throws.
 */
export function unwrapAll(body: unknown): (Unwrapped | NotUnwrapped)[] {
  const content = parsed(body);
  if (!Array.isArray(content) || content.length === 0) return [one(content, 0)];
  const events = content.slice(0, eventLimit).map(one);
  const left = content.length - events.length;
  if (left > 0) events.push({ refused: `more than ${eventLimit} events in one body; the other ${left} were not read` });
  return events;
}

function one(content: unknown, index: number): Unwrapped | NotUnwrapped {
  if (isEnvelope(content)) return unwrap(content);
  return {
    eventId: `body-${payloadDigest(content).slice(0, 32)}-${index}`,
    publishedAt: undefined,
    payload: content,
  };
}

/** Bodies arrive as text where the sender did not say that they are JSON. */
function parsed(body: unknown): unknown {
  if (typeof body !== "string") return body;
  try {
    return JSON.parse(body.replace(/^\uFEFF/, ""));
  } catch {
    return body;
  }
}

function isText(object: Json, name: string): boolean {
  return typeof value(object, name) === "string";
}
