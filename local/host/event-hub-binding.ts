import * as z from "zod";
import type { DeliveredEvent, EventHubDelivery } from "../event-hub-delivery.ts";
import { resolveSettings, SettingMissing } from "./app-setting.ts";
import type { RegisteredFunction, TypedData } from "./functions-core.ts";

const Trigger = z.looseObject({
  connection: z.string(),
  eventHubName: z.string(),
  consumerGroup: z.string().default("$Default"),
  cardinality: z.enum(["one", "many"]).default("one"),
  dataType: z.enum(["string", "binary"]).default("string"),
});

export interface EventHubBinding extends Pick<z.infer<typeof Trigger>, "cardinality" | "dataType"> {
  fullyQualifiedNamespace: string;
  eventHubName: string;
  consumerGroup: string;
}

/**
 * Where a function's events come from. The connection is the name of a setting with a connection string, or the first part of the
 * names of settings for an identity (https://learn.microsoft.com/azure/azure-functions/functions-reference#connections).
 */
export function readEventHubBinding(
  fn: RegisteredFunction,
  environment: Readonly<Record<string, string | undefined>>,
): EventHubBinding {
  const { connection, cardinality, dataType, ...trigger } = Trigger.parse(fn.trigger);
  const connectionString = environment[connection];
  const fullyQualifiedNamespace = connectionString
    ? /(?:^|;)Endpoint=sb:\/\/([^/;]+)/i.exec(connectionString)?.[1]
    : environment[`${connection}__fullyQualifiedNamespace`];
  if (!fullyQualifiedNamespace) {
    throw new SettingMissing(
      `Neither ${connection} nor ${connection}__fullyQualifiedNamespace names an Event Hubs namespace.`,
    );
  }
  // The hub in a connection string overrides the binding's.
  const path = /(?:^|;)EntityPath=([^;]+)/i.exec(connectionString ?? "")?.[1];
  return {
    fullyQualifiedNamespace: fullyQualifiedNamespace.toLowerCase(),
    eventHubName: path ?? resolveSettings("event hub name", trigger.eventHubName, environment),
    consumerGroup: resolveSettings("consumer group", trigger.consumerGroup, environment),
    cardinality,
    dataType,
  };
}

export function isFor(delivery: EventHubDelivery, binding: EventHubBinding): boolean {
  const same = (name: "fullyQualifiedNamespace" | "eventHubName" | "consumerGroup") =>
    delivery[name].toLowerCase() === binding[name].toLowerCase();
  return same("fullyQualifiedNamespace") && same("eventHubName") && same("consumerGroup");
}

export interface EventHubInput {
  data: TypedData;
  triggerMetadata: Record<string, TypedData>;
}

/** What the function gets of a batch: all of it at once, or each event by itself. Names as in EventHubTriggerBindingStrategy.cs. */
export function inputsOf(delivery: EventHubDelivery, { cardinality, dataType }: EventHubBinding): EventHubInput[] {
  const { events, ...partitionContext } = delivery;
  const PartitionContext = json(partitionContext);
  const bytes = (event: DeliveredEvent) => Buffer.from(event.body, "base64");
  if (cardinality === "many") {
    const data =
      dataType === "binary"
        ? { collectionBytes: { bytes: events.map(bytes) } }
        : { collectionString: { string: events.map((event) => bytes(event).toString("utf8")) } };
    const arrays = Object.entries(bindingData).map(([name, read]) => [`${name}Array`, json(events.map(read))]);
    return [{ data, triggerMetadata: { PartitionContext, ...Object.fromEntries(arrays) } }];
  }
  return events.map((event) => ({
    data: dataType === "binary" ? { bytes: bytes(event) } : { string: bytes(event).toString("utf8") },
    triggerMetadata: {
      PartitionContext,
      ...Object.fromEntries(Object.entries(bindingData).map(([name, read]) => [name, json(read(event))])),
    },
  }));
}

const bindingData: Record<string, (event: DeliveredEvent) => unknown> = {
  PartitionKey: (event) => event.partitionKey,
  Offset: (event) => event.offset,
  SequenceNumber: (event) => event.sequenceNumber,
  EnqueuedTimeUtc: (event) => event.enqueuedTimeUtc,
  Properties: (event) => event.properties,
  SystemProperties: ({ sequenceNumber, offset, partitionKey, enqueuedTimeUtc }) => ({
    SequenceNumber: sequenceNumber,
    Offset: offset,
    PartitionKey: partitionKey,
    EnqueuedTimeUtc: enqueuedTimeUtc,
  }),
};

function json(value: unknown): TypedData {
  return { json: JSON.stringify(value) };
}
