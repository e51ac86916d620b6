import type { DeliveredEvent } from "../../event-hub-delivery.ts";
import type { SentEvent } from "./parse-send.ts";

/** One partition: a log that is only ever added to. In memory; in Azure events are kept for one to seven days, here so many. */
export interface Partition {
  id: string;
  append(events: readonly SentEvent[], partitionKey: string | undefined, now: Date): void;
  /** At most `most` events from a sequence number on, oldest first. */
  from(sequenceNumber: number, most: number): DeliveredEvent[];
  /** The sequence number that the next event gets. */
  next(): number;
  /** Resolves when there is an event with that sequence number, or when the signal aborts. */
  has(sequenceNumber: number, signal: AbortSignal): Promise<void>;
}

const keep = 50_000;

export function createPartition(id: string): Partition {
  const log: DeliveredEvent[] = [];
  const waiting = new Set<() => void>();
  let next = 0;
  let offset = 0;

  return {
    id,
    append(events, partitionKey, now) {
      for (const { body, properties } of events) {
        log.push({
          body: body.toString("base64"),
          offset: String(offset),
          sequenceNumber: next,
          enqueuedTimeUtc: now.toISOString(),
          partitionKey: partitionKey ?? null,
          properties,
        });
        next += 1;
        offset += body.length;
      }
      if (log.length > keep) log.splice(0, log.length - keep);
      for (const wake of [...waiting]) wake();
    },
    from(sequenceNumber, most) {
      const first = log[0]?.sequenceNumber ?? next;
      const index = Math.max(sequenceNumber - first, 0);
      return log.slice(index, index + most);
    },
    next: () => next,
    has: (sequenceNumber, signal) =>
      new Promise((resolve) => {
        if (signal.aborted || sequenceNumber < next) return resolve();
        const wake = () => {
          signal.removeEventListener("abort", wake);
          waiting.delete(wake);
          resolve();
        };
        waiting.add(wake);
        signal.addEventListener("abort", wake);
      }),
  };
}
