import { createHash } from "node:crypto";
import * as z from "zod";
import { CannotSend } from "./cannot-send.ts";

const Payload = z.record(z.string(), z.unknown());
type Payload = z.infer<typeof Payload>;

const EventGridEnvelope = z.looseObject({
  id: z.string(),
  eventType: z.string(),
  eventTime: z.string(),
  subject: z.string(),
});
const CloudEnvelope = z.looseObject({
  specversion: z.string(),
  id: z.string(),
  type: z.string(),
  subject: z.string().optional(),
});

const alertEventType = "Portcullis.DefenderAlert";

/** One event as it will be posted, and what to tell people about it. */
export interface OutgoingEvent {
  schema: "eventgrid" | "cloudevents";
  id: string;
  type: string;
  subject: string | undefined;
  event: Payload;
}

/** What the file holds, as events: envelopes are left as they are, alerts are wrapped in the schema asked for. */
export function wrapAlerts(content: unknown, schema: "eventgrid" | "cloudevents", now: Date): OutgoingEvent[] {
  const items = Array.isArray(content) ? content : [content];
  if (items.length === 0) throw new CannotSend("usage", "the file holds an empty array: there is nothing to publish");
  return items.map((item, index) => {
    const payload = Payload.safeParse(item);
    if (payload.success && !Array.isArray(item)) return readEnvelope(payload.data) ?? wrap(payload.data, schema, now);
    const where = Array.isArray(content) ? `element ${index} of the array` : "the file";
    throw new CannotSend("usage", `${where} is not an object: expected an alert, an Event Grid event or a CloudEvent`);
  });
}

function readEnvelope(payload: Payload): OutgoingEvent | undefined {
  const cloud = CloudEnvelope.safeParse(payload);
  if (cloud.success) {
    const { id, type, subject } = cloud.data;
    return { schema: "cloudevents", id, type, subject, event: payload };
  }
  const eventGrid = EventGridEnvelope.safeParse(payload);
  if (!eventGrid.success) return undefined;
  const { id, eventType, subject } = eventGrid.data;
  return { schema: "eventgrid", id, type: eventType, subject, event: payload };
}

/** The id comes from the content, so that a file sent twice is the same event twice. */
function wrap(data: Payload, schema: "eventgrid" | "cloudevents", now: Date): OutgoingEvent {
  const id = createHash("sha256").update(JSON.stringify(data)).digest("hex").slice(0, 32);
  const subject = `alerts/${findAlertType(data) ?? "unknown"}`;
  const time = now.toISOString();
  const event =
    schema === "eventgrid"
      ? { id, subject, eventType: alertEventType, eventTime: time, dataVersion: "1.0", data }
      : {
          specversion: "1.0",
          id,
          source: "/portcullis/local/send",
          type: alertEventType,
          subject,
          time,
          datacontenttype: "application/json",
          data,
        };
  return { schema, id, type: alertEventType, subject, event };
}

/** At the top (flat shapes) or under `properties` (ARM), in whatever letter case. */
function findAlertType(data: Payload): string | undefined {
  for (const fields of [data, Payload.safeParse(findField(data, "properties")).data ?? {}]) {
    const type = findField(fields, "alerttype");
    if (typeof type === "string" && type !== "") return type;
  }
  return undefined;
}

function findField(fields: Payload, name: string): unknown {
  return Object.entries(fields).find(([key]) => key.toLowerCase() === name)?.[1];
}
