import * as z from "zod";
import { CloudEvent, type Envelope, EventGridEvent, type SchemaName } from "./envelope.ts";
import { PublishRefused } from "./publish-refused.ts";
import { type Topic, topicId } from "./topic-options.ts";

/** https://learn.microsoft.com/azure/event-grid/quotas-limits */
export const maximumBytes = 1024 * 1024;
const maximumEvents = 5000;

/** The events of a POST to the topic, in the order given. All or none are taken: throws PublishRefused. */
export function parsePublication(topic: Topic, contentType: string, body: string): Envelope[] {
  const mediaType = contentType.split(";")[0]?.trim().toLowerCase();
  switch (mediaType) {
    case "application/json":
      requireSchema(topic, "EventGridSchema");
      return parseEvents(arrayOf(body), EventGridEvent).map((event) => ({
        schema: "EventGridSchema",
        event: stampTopic(topic, event),
      }));
    case "application/cloudevents+json":
      requireSchema(topic, "CloudEventSchemaV1_0");
      return parseEvents([parseJson(body)], CloudEvent).map(asCloudEvent);
    case "application/cloudevents-batch+json":
      requireSchema(topic, "CloudEventSchemaV1_0");
      return parseEvents(arrayOf(body), CloudEvent).map(asCloudEvent);
    default:
      throw new PublishRefused(
        "BadRequest",
        `The content type ${mediaType || "(none)"} is not supported: send an array of Event Grid events as application/json, ` +
          "one CloudEvent as application/cloudevents+json, or an array of them as application/cloudevents-batch+json.",
      );
  }
}

function asCloudEvent(event: CloudEvent): Envelope {
  return { schema: "CloudEventSchemaV1_0", event };
}

function requireSchema(topic: Topic, schema: SchemaName): void {
  if (topic.inputSchema === undefined || topic.inputSchema === schema) return;
  throw new PublishRefused(
    "BadRequest",
    `This resource is configured to receive event in '${topic.inputSchema}' schema. The JSON received does not conform to the expected schema.`,
  );
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new PublishRefused("BadRequest", `The body is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}

function arrayOf(body: string): unknown[] {
  const events = z.array(z.unknown()).safeParse(parseJson(body));
  if (!events.success)
    throw new PublishRefused("BadRequest", "Token Expected: StartArray: this content type takes an array of events.");
  if (events.data.length > maximumEvents)
    throw new PublishRefused(
      "PayloadTooLarge",
      `A batch holds at most ${maximumEvents} events, not ${events.data.length}.`,
    );
  return events.data;
}

function parseEvents<T>(events: readonly unknown[], schema: z.ZodType<T>): T[] {
  return events.map((event, index) => {
    const parsed = schema.safeParse(event);
    if (parsed.success) return parsed.data;
    const problems = parsed.error.issues.map((issue) => `${issue.path.join(".") || "event"}: ${issue.message}`);
    throw new PublishRefused("BadRequest", `Event ${index} has an incorrect format: ${problems.join("; ")}`);
  });
}

/** A publisher may name the topic, but only the right one. */
function stampTopic(topic: Topic, event: EventGridEvent): EventGridEvent {
  const id = topicId(topic);
  if (event.topic && event.topic.toLowerCase() !== id.toLowerCase())
    throw new PublishRefused("BadRequest", `The topic of event ${event.id} is not ${id}: leave it out.`);
  return { ...event, topic: id };
}
