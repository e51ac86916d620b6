import type { Clock } from "../../../shared/clock.ts";
import type { EventHubDelivery } from "../../event-hub-delivery.ts";
import type { Consumer } from "./event-hub-options.ts";
import type { Partition } from "./partition.ts";
import { push } from "./push.ts";

export interface PumpState {
  hub: string;
  consumerGroup: string;
  partition: string;
  /** The sequence number to go on from: everything before it is done with. */
  checkpoint: number;
  /** How many events have not been checkpointed. */
  behind: number;
  /** Why the last attempt at delivery was not checkpointed, until one is. */
  trouble?: string;
}

export interface PumpOptions {
  fullyQualifiedNamespace: string;
  consumer: Consumer;
  partition: Partition;
  clock: Clock;
  signal: AbortSignal;
}

const againAfterMs = 1_000;

/**
 * Hands the events of one partition to its consumer: in order, one batch at a time, and each again until the consumer's host has
 * checkpointed it. In Azure the host reads, and keeps the checkpoint in a blob; here the hub sends, and keeps it in memory.
 */
export function startPump({ fullyQualifiedNamespace, consumer, partition, clock, signal }: PumpOptions) {
  const { hub, consumerGroup, endpoint, maxEventBatchSize = 100 } = consumer;
  let checkpoint = 0;
  let trouble: string | undefined;

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await partition.has(checkpoint, signal);
      const events = partition.from(checkpoint, maxEventBatchSize);
      const last = events.at(-1);
      if (signal.aborted || !last) continue;
      const delivery: EventHubDelivery = {
        fullyQualifiedNamespace,
        eventHubName: hub,
        consumerGroup,
        partitionId: partition.id,
        events,
      };
      trouble = await troubleWith(delivery);
      if (trouble === undefined) checkpoint = last.sequenceNumber + 1;
      else await clock.sleep(againAfterMs, signal);
    }
  }

  async function troubleWith(delivery: EventHubDelivery): Promise<string | undefined> {
    try {
      const { status, text } = await push(endpoint, delivery, signal);
      return status === 200 ? undefined : `${endpoint} answered ${status} ${text.slice(0, 300)}`.trim();
    } catch (error) {
      return `${endpoint} did not answer: ${error instanceof Error ? error.message : error}`;
    }
  }

  const over = run();
  const state = (): PumpState => ({
    hub,
    consumerGroup,
    partition: partition.id,
    checkpoint,
    behind: partition.next() - checkpoint,
    ...(trouble === undefined ? {} : { trouble }),
  });
  return { over, state };
}
