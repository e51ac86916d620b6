import { randomUUID } from "node:crypto";
import { readAll } from "../alerts/read-alert.ts";
import type { Intake } from "../ledger/intake-journal.ts";
import { type Receiver, receiveReading } from "./receive.ts";

/** What became of a batch of an Event Hub. */
export interface BatchReport {
  /** Of records that are alerts, or should be: one each. */
  intakes: Intake[];
  /** How many records that are no alerts were dropped, by what they are. */
  dropped: Record<string, number>;
}

/**
 * Takes a batch of an Event Hub. Continuous export sends assessments and scores down the same pipe, by the thousand: these are counted
 * and written down once a batch.
 */
export async function receiveBatch(messages: readonly unknown[], receiver: Receiver): Promise<BatchReport> {
  const batchId = `batch-${randomUUID()}`;
  const intakes: Intake[] = [];
  const dropped = new Map<string, number>();
  for (const [index, message] of messages.entries()) {
    for (const { at, reading } of readAll(message)) {
      if ("ignored" in reading) dropped.set(reading.ignored, (dropped.get(reading.ignored) ?? 0) + 1);
      else intakes.push(await receiveReading(`${batchId}[${index}]${at && ` ${at}`}`, reading, undefined, receiver));
    }
  }
  if (dropped.size > 0) {
    const reason = [...dropped].map(([what, count]) => `${count} × ${what}`).join("; ");
    await receiver.journal.record(
      { eventId: batchId, outcome: "ignored", reason: reason.slice(0, 2000) },
      receiver.clock.now(),
    );
  }
  return { intakes, dropped: Object.fromEntries(dropped) };
}
