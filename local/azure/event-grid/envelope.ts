import * as z from "zod";

export const SchemaName = z.enum(["EventGridSchema", "CloudEventSchemaV1_0"]);
export type SchemaName = z.infer<typeof SchemaName>;

const Text = z.string().min(1);
const Instant = z.string().refine((text) => !Number.isNaN(Date.parse(text)), "expected a date and time");

/** https://learn.microsoft.com/azure/event-grid/event-schema. `dataVersion` may be left out and is then stamped empty. */
export const EventGridEvent = z.looseObject({
  id: Text,
  topic: z.string().optional(),
  subject: Text,
  eventType: Text,
  eventTime: Instant,
  data: z.unknown().optional(),
  dataVersion: z.string().default(""),
  metadataVersion: z.literal("1").default("1"),
});
export type EventGridEvent = z.infer<typeof EventGridEvent>;

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#required-attributes */
export const CloudEvent = z.looseObject({
  specversion: z.literal("1.0"),
  id: Text,
  source: Text,
  type: Text,
  subject: Text.optional(),
  time: Instant.optional(),
  data: z.unknown().optional(),
});
export type CloudEvent = z.infer<typeof CloudEvent>;

export type Envelope =
  | { schema: "EventGridSchema"; event: EventGridEvent }
  | { schema: "CloudEventSchemaV1_0"; event: CloudEvent };

/**
 * The envelope in which a subscription delivers. Event Grid offers no way from a CloudEvent to its own schema:
 * https://learn.microsoft.com/azure/event-grid/event-schema-compare
 */
export function toDeliverySchema(envelope: Envelope, wanted: SchemaName | undefined): Envelope | undefined {
  if (wanted === undefined || wanted === envelope.schema) return envelope;
  if (envelope.schema === "CloudEventSchemaV1_0") return undefined;

  const { id, topic, subject, eventType, eventTime, data } = envelope.event;
  const event = {
    specversion: "1.0" as const,
    id,
    source: topic ?? "",
    type: eventType,
    subject,
    time: eventTime,
    data,
  };
  return { schema: "CloudEventSchemaV1_0", event };
}
