import { isLoopback } from "../../../shared/config.ts";

export interface EventHubNamespace {
  /** First part of `NAME.servicebus.windows.net`. */
  name: string;
  hubs: readonly EventHub[];
  /** Shared access policies that may send; without any, only tokens of Entra are taken. */
  policies?: readonly { name: string; key: string }[];
  consumers?: readonly Consumer[];
}

export interface EventHub {
  name: string;
  /** 1 to 32, as in the Standard tier. */
  partitions: number;
  /** Besides `$Default`. */
  consumerGroups?: readonly string[];
}

/** Who reads a hub: the trigger of one function of a local host. */
export interface Consumer {
  hub: string;
  consumerGroup: string;
  /** A loopback URL such as `http://127.0.0.1:7071/runtime/webhooks/eventhub?functionName=receiveExport`. */
  endpoint: string;
  /** `maxEventBatchSize` of host.json; 100 when left out, as there. */
  maxEventBatchSize?: number;
}

export function namespaceHost({ name }: EventHubNamespace): string {
  return `${name}.servicebus.windows.net`.toLowerCase();
}

/** Throws for what Azure would not let exist. */
export function checkNamespace(namespace: EventHubNamespace): void {
  const refuse = (why: string) => new Error(`Cannot create the Event Hubs namespace ${namespace.name}: ${why}`);
  for (const { name, partitions } of namespace.hubs) {
    if (!Number.isInteger(partitions) || partitions < 1 || partitions > 32)
      throw refuse(`the hub ${name} must have from 1 to 32 partitions, not ${partitions}`);
  }
  const readers = new Set<string>();
  for (const { hub, consumerGroup, endpoint } of namespace.consumers ?? []) {
    const read = namespace.hubs.find(({ name }) => name === hub);
    if (!read) throw refuse(`there is no hub ${hub} to read`);
    if (!["$Default", ...(read.consumerGroups ?? [])].includes(consumerGroup))
      throw refuse(`the hub ${hub} has no consumer group ${consumerGroup}`);
    if (readers.has(`${hub} ${consumerGroup}`))
      throw refuse(
        `two consumers of ${hub} share the consumer group ${consumerGroup}: each would get a part of the events only`,
      );
    readers.add(`${hub} ${consumerGroup}`);
    if (!isLoopback(endpoint)) throw refuse(`the simulator delivers to http://127.0.0.1 only, not to ${endpoint}`);
  }
}
