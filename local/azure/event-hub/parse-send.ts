import * as z from "zod";
import { SendRefused } from "./send-refused.ts";

export interface SentEvent {
  body: Buffer;
  properties: Record<string, unknown>;
}

export interface Sending {
  events: SentEvent[];
  /** Events with the same key go to the same partition. */
  partitionKey: string | undefined;
}

const BrokerProperties = z.strictObject({ PartitionKey: z.string().min(1).max(128).optional() });
const Batch = z
  .array(
    z.strictObject({
      Body: z.string(),
      UserProperties: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
      BrokerProperties: BrokerProperties.optional(),
    }),
  )
  .min(1);

/** Of one event, and of a batch together, in the Standard tier: https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas */
const mostBytes = 1024 * 1024;
const batchContentType = "application/vnd.microsoft.servicebus.json";

/**
 * The body of "Send event" (the event itself, as text) or "Send batch events". Of a single event the headers that would become its
 * properties are left aside. https://learn.microsoft.com/rest/api/eventhub/send-batch-events
 */
export function parseSend(text: string, header: (name: string) => string | undefined): Sending {
  if (Buffer.byteLength(text) > mostBytes)
    throw new SendRefused(
      413,
      `MessageSizeExceeded: The message exceeds the limit (${mostBytes} bytes) currently allowed.`,
    );
  if (!(header("content-type") ?? "").toLowerCase().startsWith(batchContentType)) {
    const broker = header("brokerproperties");
    const { PartitionKey: partitionKey } = broker === undefined ? {} : parse(broker, BrokerProperties);
    return { events: [{ body: Buffer.from(text), properties: {} }], partitionKey };
  }
  const batch = parse(text, Batch);
  const keys = new Set(batch.map(({ BrokerProperties: broker }) => broker?.PartitionKey));
  if (keys.size > 1) throw new SendRefused(400, "The events of a batch must have the same PartitionKey.");
  return {
    events: batch.map(({ Body, UserProperties }) => ({ body: Buffer.from(Body), properties: UserProperties })),
    partitionKey: [...keys][0],
  };
}

function parse<T>(text: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SendRefused(400, `The request is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new SendRefused(400, `The request is not well-formed: ${z.prettifyError(parsed.error)}`);
}
