import { isObject, text, value } from "./fields.ts";
import { readInstant } from "./instant.ts";

/** An event without its envelope. */
export interface Unwrapped {
  eventId: string;
  /** When the publisher sent it; undefined where the envelope does not say. */
  publishedAt: string | undefined;
  payload: unknown;
}

/** Takes an Event Grid event or a CloudEvent (told apart by `specversion`) apart. Publishers sometimes serialise `data` twice. */
export function unwrap(event: unknown): Unwrapped | { refused: string; eventId?: string } {
  if (!isObject(event)) return { refused: "the event is not an object" };
  const isCloudEvent = value(event, "specversion") !== undefined;
  const eventId = text(event, "id");
  if (!eventId) return { refused: "the event has no id" };
  const publishedAt = readInstant(text(event, isCloudEvent ? "time" : "eventTime"));
  const base64 = value(event, "data_base64");
  const data = typeof base64 === "string" ? Buffer.from(base64, "base64").toString("utf8") : value(event, "data");
  if (typeof data !== "string") return { eventId, publishedAt, payload: data };
  try {
    return { eventId, publishedAt, payload: JSON.parse(data) };
  } catch {
    return { eventId, refused: "data is text that is not JSON" };
  }
}
