import { readInstant } from "../alerts/instant.ts";
import { payloadDigest } from "../alerts/payload-digest.ts";
import { readAll } from "../alerts/read-alert.ts";
import type { Intake } from "../ledger/intake-journal.ts";
import { type Found, type Receiver, receiveReadings } from "./receive.ts";

/** A message of an Event Hub, and when the hub took it. */
export interface HubMessage {
  body: unknown;
  enqueuedAt?: string | undefined;
}

/** What became of a batch of an Event Hub. */
export interface BatchReport {
  /** Of records that are alerts, or should be: one each. */
  intakes: Intake[];
  /** How many records that are no alerts were dropped, by what they are. */
  dropped: Record<string, number>;
}

/**
 * Takes a batch of an Event Hub. Continuous export sends assessments and scores down the same pipe, by the thousand: these are counted
 * and written down once a batch. Throws as {@link receiveReadings} does, when everything was tried.
 */
export async function receiveBatch(messages: readonly HubMessage[], receiver: Receiver): Promise<BatchReport> {
  // The same for the same messages: a batch that is delivered again is known to be that batch.
  const batchId = `batch-${payloadDigest(messages.map(({ body }) => body)).slice(0, 32)}`;
  const found: Found[] = [];
  const dropped = new Map<string, number>();
  for (const [index, { body, enqueuedAt }] of messages.entries()) {
    // In the form of all other times: moments are compared as text.
    const publishedAt = readInstant(enqueuedAt);
    for (const { at, reading } of readAll(body)) {
      if ("ignored" in reading) dropped.set(reading.ignored, (dropped.get(reading.ignored) ?? 0) + 1);
      else found.push({ eventId: `${batchId}[${index}]${at && ` ${at}`}`, reading, publishedAt });
    }
  }
  if (dropped.size > 0) {
    const reason = [...dropped].map(([what, count]) => `${count} × ${what}`).join("; ");
    const line: Intake = { eventId: batchId, outcome: "ignored", reason: reason.slice(0, 2000) };
    await receiver.journal.record(line, receiver.clock.now());
  }
  return { intakes: await receiveReadings(found, receiver), dropped: Object.fromEntries(dropped) };
}
