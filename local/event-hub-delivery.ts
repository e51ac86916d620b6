import * as z from "zod";

/**
 * How the simulated Event Hub hands a batch to the local host. In Azure the host fetches it over AMQP, which nobody plays here; what
 * the trigger knows of a batch is the same.
 */
export const EventHubDelivery = z.strictObject({
  fullyQualifiedNamespace: z.string(),
  eventHubName: z.string(),
  consumerGroup: z.string(),
  partitionId: z.string(),
  /** Of one partition, in the order in which they were taken. */
  events: z
    .array(
      z.strictObject({
        body: z.base64(),
        offset: z.string(),
        sequenceNumber: z.int().nonnegative(),
        enqueuedTimeUtc: z.iso.datetime(),
        partitionKey: z.string().nullable(),
        properties: z.record(z.string(), z.unknown()),
      }),
    )
    .min(1),
});
export type EventHubDelivery = z.infer<typeof EventHubDelivery>;

export type DeliveredEvent = EventHubDelivery["events"][number];

/** An endpoint that only the local host has. */
export const eventHubPath = "/runtime/webhooks/eventhub";
