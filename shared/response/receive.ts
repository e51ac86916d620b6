import { readAll } from "../alerts/read-alert.ts";
import type { Fetch, Reading } from "../alerts/reading.ts";
import { unwrap, unwrapAll } from "../alerts/unwrap.ts";
import { milliseconds } from "../duration.ts";
import type { Intake, IntakeJournal } from "../ledger/intake-journal.ts";
import { RowTooLarge } from "../ledger/pack.ts";
import type { StreamParts } from "../ledger/stream-parts.ts";
import type { Notifier } from "../notify/notifier.ts";
import type { Fetched } from "./fetch.ts";
import { type AlertTaker, takeAlert } from "./take-alert.ts";

export interface Receiver extends AlertTaker {
  journal: IntakeJournal;
  /** Who sent it, where that is not Event Grid. */
  from?: string;
  parts: StreamParts;
  notifier: Notifier;
  /** Reads what a payload of that event only points at. What a retry may mend is thrown. */
  fetch(what: Fetch, eventId: string): Promise<Fetched>;
  /** How long the records of one XDR stream alert are waited for, ISO 8601. */
  joinWindow: string;
}

/** What is left of a delivery when its envelope is off. */
interface Delivery {
  eventId: string;
  publishedAt?: string | undefined;
  payload: unknown;
}

/** For so long around its announcement, in milliseconds, something that is not there may still be on its way. */
const settleMs = 5 * 60_000;

class NotThereYet extends Error {
  override readonly name = "NotThereYet";
}

/** So many alerts of one body are taken at once. */
const atOnce = 8;

/**
 * Takes one event of Event Grid. Whatever cannot be used is recorded and taken all the same: an error answer would have Event Grid
 * send good events again, or drop bad ones unseen. Throws only when reading elsewhere, recording or starting fails, and then after
 * everything else in the event was taken.
 */
export async function receiveEvent(event: unknown, receiver: Receiver): Promise<Intake[]> {
  return takeAll([unwrap(event)], receiver);
}

/** Takes a body that was posted or polled: an event, a batch of events, a bare payload, a list of them. */
export async function receiveBody(body: unknown, from: string, receiver: Receiver): Promise<Intake[]> {
  return takeAll(unwrapAll(body), { ...receiver, from });
}

async function takeAll(
  deliveries: readonly (Delivery | { refused: string; eventId?: string })[],
  receiver: Receiver,
): Promise<Intake[]> {
  const found = deliveries.flatMap((delivery): Found[] => {
    if ("refused" in delivery) {
      return [
        { eventId: delivery.eventId ?? "unknown", reading: { refused: delivery.refused }, publishedAt: undefined },
      ];
    }
    const { eventId, publishedAt, payload } = delivery;
    return readAll(payload).map(({ at, reading }) => ({
      eventId: at === "" ? eventId : `${eventId} ${at}`,
      reading,
      publishedAt,
    }));
  });
  return receiveReadings(found, receiver);
}

export interface Found {
  eventId: string;
  reading: Reading;
  publishedAt: string | undefined;
}

/** Acts on readings, some at a time. One that fails does not keep the others from being taken: it is thrown when they are. */
export async function receiveReadings(found: readonly Found[], receiver: Receiver): Promise<Intake[]> {
  const intakes: Intake[] = [];
  const failures: unknown[] = [];
  for (let start = 0; start < found.length; start += atOnce) {
    const some = found.slice(start, start + atOnce).map((one) => receiveReading(one, receiver));
    for (const settled of await Promise.allSettled(some)) {
      if (settled.status === "fulfilled") intakes.push(settled.value);
      else failures.push(settled.reason);
    }
  }
  if (failures.length > 0) throw failures[0];
  return intakes;
}

/** Acts on one reading, and records what became of it. */
export async function receiveReading({ eventId, reading, publishedAt }: Found, receiver: Receiver): Promise<Intake> {
  return record({ eventId, ...(await judge(eventId, reading, publishedAt, receiver)) }, receiver);
}

type Judged = Omit<Intake, "eventId">;

async function judge(
  eventId: string,
  reading: Reading,
  publishedAt: string | undefined,
  receiver: Receiver,
): Promise<Judged> {
  if ("alert" in reading) {
    return { alertKey: reading.alert.key, ...(await takeAlert(reading.alert, publishedAt, receiver)) };
  }
  if ("part" in reading) return keepPart(reading.part, receiver);
  if ("fetch" in reading) return fetchAndJudge(eventId, reading.fetch, publishedAt, receiver);
  if ("ignored" in reading) return { outcome: "ignored", reason: reading.ignored };
  if (reading.unknownShape) {
    const text = `Portcullis was sent a payload that it cannot read, and did nothing: ${reading.refused}`;
    await receiver.notifier.notify({ about: `unknown shape ${reading.refused}`, text });
  }
  return { outcome: "refused", reason: reading.refused };
}

async function keepPart(
  { alertId, record: kept }: Extract<Reading, { part: unknown }>["part"],
  { parts, starter, clock, joinWindow }: Receiver,
): Promise<Judged> {
  try {
    await parts.keep(alertId, kept, clock.now());
  } catch (error) {
    // Tried again it would be as large: a delivery that always fails holds up everything behind it.
    if (error instanceof RowTooLarge)
      return { outcome: "refused", reason: `the record cannot be kept: ${error.message}` };
    throw error;
  }
  await starter.join(alertId, joinMoment(clock.now(), milliseconds(joinWindow)));
  return { outcome: "waiting", reason: "one record of an XDR stream alert, kept until the others are there" };
}

/**
 * The end of the window after the one that is running. Records of one window share it, so that the alert is put together once for all of
 * them; a record that comes later has it put together again. Either way that happens after the record was kept.
 */
function joinMoment(now: Date, windowMs: number): Date {
  return new Date(Math.ceil((now.getTime() + windowMs) / windowMs) * windowMs);
}

async function fetchAndJudge(
  eventId: string,
  what: Fetch,
  publishedAt: string | undefined,
  receiver: Receiver,
): Promise<Judged> {
  const fetched = await receiver.fetch(what, eventId);
  if ("missing" in fetched) {
    // Announced a moment ago: it may only not have arrived where it is read. The delivery is repeated.
    const age =
      publishedAt === undefined ? Number.POSITIVE_INFINITY : receiver.clock.now().getTime() - Date.parse(publishedAt);
    if (Math.abs(age) < settleMs) throw new NotThereYet(fetched.missing);
    return { outcome: "refused", reason: fetched.missing };
  }
  const readings = "reading" in fetched ? [fetched.reading] : readAll(fetched.payload).map(({ reading }) => reading);
  const [reading, ...others] = readings;
  if (!reading || others.length > 0)
    return { outcome: "refused", reason: `${readings.length} alerts were fetched, not one` };
  if ("fetch" in reading) {
    return { outcome: "refused", reason: "what was fetched only points on to something else" };
  }
  return judge(eventId, reading, publishedAt, receiver);
}

async function record(intake: Intake, { journal, from, clock }: Receiver): Promise<Intake> {
  const line = from === undefined ? intake : { ...intake, from };
  await journal.record(line, clock.now());
  return line;
}
