import { readAll } from "../alerts/read-alert.ts";
import type { Fetch, Reading } from "../alerts/reading.ts";
import { unwrap, unwrapAll } from "../alerts/unwrap.ts";
import { milliseconds } from "../duration.ts";
import type { Intake, IntakeJournal } from "../ledger/intake-journal.ts";
import type { StreamParts } from "../ledger/stream-parts.ts";
import type { Notifier } from "../notify/notifier.ts";
import { type AlertTaker, takeAlert } from "./take-alert.ts";

export interface Receiver extends AlertTaker {
  journal: IntakeJournal;
  /** Who sent it, where that is not Event Grid. */
  from?: string;
  parts: StreamParts;
  notifier: Notifier;
  /** Reads what a payload only points at. What a retry may mend is thrown. */
  fetch(what: Fetch): Promise<Fetched>;
  /** How long the records of one XDR stream alert are waited for, ISO 8601. */
  joinWindow: string;
}

export type Fetched = { payload: unknown } | { reading: Reading } | { missing: string };

/** What is left of a delivery when its envelope is off. */
interface Delivery {
  eventId: string;
  publishedAt?: string | undefined;
  payload: unknown;
}

/** For so long after its announcement, in milliseconds, something that is not there may still be on its way. */
const settleMs = 5 * 60_000;

class NotThereYet extends Error {
  override readonly name = "NotThereYet";
}

/** So many alerts of one body are taken at once. */
const atOnce = 8;

/**
 * Takes one event of Event Grid. Whatever cannot be used is recorded and taken all the same: an error answer would have Event Grid
 * send good events again, or drop bad ones unseen. Throws only when reading elsewhere, recording or starting fails.
 */
export async function receiveEvent(event: unknown, receiver: Receiver): Promise<Intake[]> {
  const unwrapped = unwrap(event);
  if ("refused" in unwrapped) {
    return [
      await record(
        { eventId: unwrapped.eventId ?? "unknown", outcome: "refused", reason: unwrapped.refused },
        receiver,
      ),
    ];
  }
  return take(unwrapped, receiver);
}

/** Takes a body that was posted or polled: an event, a batch of events, a bare payload, a list of them. */
export async function receiveBody(body: unknown, from: string, sentTo: Receiver): Promise<Intake[]> {
  const receiver = { ...sentTo, from };
  const intakes: Intake[] = [];
  for (const delivery of unwrapAll(body)) {
    if ("refused" in delivery) {
      const { eventId = "unknown", refused } = delivery;
      intakes.push(await record({ eventId, outcome: "refused", reason: refused }, receiver));
    } else intakes.push(...(await take(delivery, receiver)));
  }
  return intakes;
}

async function take({ eventId, publishedAt, payload }: Delivery, receiver: Receiver): Promise<Intake[]> {
  const found = readAll(payload);
  const intakes: Intake[] = [];
  for (let start = 0; start < found.length; start += atOnce) {
    const some = found.slice(start, start + atOnce).map(async ({ at, reading }) => {
      return receiveReading(at === "" ? eventId : `${eventId} ${at}`, reading, publishedAt, receiver);
    });
    intakes.push(...(await Promise.all(some)));
  }
  return intakes;
}

/** Acts on one reading, and records what became of it. */
export async function receiveReading(
  eventId: string,
  reading: Reading,
  publishedAt: string | undefined,
  receiver: Receiver,
): Promise<Intake> {
  return record({ eventId, ...(await judge(reading, publishedAt, receiver)) }, receiver);
}

type Judged = Omit<Intake, "eventId">;

async function judge(reading: Reading, publishedAt: string | undefined, receiver: Receiver): Promise<Judged> {
  if ("alert" in reading) {
    return { alertKey: reading.alert.key, ...(await takeAlert(reading.alert, publishedAt, receiver)) };
  }
  if ("part" in reading) return keepPart(reading.part, receiver);
  if ("fetch" in reading) return fetchAndJudge(reading.fetch, publishedAt, receiver);
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
  const now = clock.now();
  if ((await parts.keep(alertId, kept, now)) === "late") {
    return { outcome: "ignored", reason: "its alert was put together before this record of the XDR stream came" };
  }
  await starter.join(alertId, new Date(now.getTime() + milliseconds(joinWindow)));
  return { outcome: "waiting", reason: "one record of an XDR stream alert, kept until the others are there" };
}

async function fetchAndJudge(what: Fetch, publishedAt: string | undefined, receiver: Receiver): Promise<Judged> {
  const fetched = await receiver.fetch(what);
  if ("missing" in fetched) {
    // Announced a moment ago: it may only not have arrived where it is read. The delivery is repeated.
    const age = publishedAt === undefined ? undefined : receiver.clock.now().getTime() - Date.parse(publishedAt);
    if (age !== undefined && age < settleMs) throw new NotThereYet(fetched.missing);
    return { outcome: "refused", reason: fetched.missing };
  }
  const readings = "reading" in fetched ? [fetched.reading] : readAll(fetched.payload).map(({ reading }) => reading);
  const [reading, ...others] = readings;
  if (!reading || others.length > 0)
    return { outcome: "refused", reason: `${readings.length} alerts were fetched, not one` };
  if ("fetch" in reading) {
    return { outcome: "refused", reason: "what was fetched only points on to something else" };
  }
  return judge(reading, publishedAt, receiver);
}

async function record(intake: Intake, { journal, from, clock }: Receiver): Promise<Intake> {
  const line = from === undefined ? intake : { ...intake, from };
  await journal.record(line, clock.now());
  return line;
}
