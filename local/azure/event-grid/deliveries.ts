import type { Clock } from "../../../shared/clock.ts";
import { type DeadLetter, type DeadLetterReason, toDeadLetterDocument } from "./dead-letter.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Envelope } from "./envelope.ts";
import { createInFlightLimit } from "./in-flight-limit.ts";
import { retryDelayMs } from "./retry-delay.ts";
import type { Subscription } from "./topic-options.ts";

/** Switches that make visible what Event Grid promises least: they may be turned while it runs. */
export interface EventGridFaults {
  /** Every event is delivered this many times more, at the same time. */
  duplicateDeliveries: number;
  /** First deliveries are held back by up to two seconds, each by another time. */
  reorder: boolean;
}

export interface EventGridStats {
  published: number;
  delivered: number;
  duplicates: number;
  failedAttempts: number;
  deadLettered: number;
}

export interface PendingDelivery {
  subscription: string;
  eventId: string;
  attempts: number;
  lastOutcome?: string;
  lastAttemptAt?: Date;
  nextAttemptAt?: Date;
}

interface Delivered {
  subscription: string;
  eventId: string;
  attempts: number;
  at: Date;
}

export interface DeliveryRecords {
  pending: Set<PendingDelivery>;
  /** The latest ones, oldest first. */
  delivered: Delivered[];
  /** The latest ones, oldest first; `stats` counts them all. */
  deadLetters: DeadLetter[];
  stats: EventGridStats;
}

export interface DeliveryOptions {
  clock: Clock;
  random: () => number;
  faults: Readonly<EventGridFaults>;
  records: DeliveryRecords;
  signal: AbortSignal;
}

const validationRetryMs = 1000;
const reorderWithinMs = 2000;
const concurrentRequests = 50;
const rememberDelivered = 1000;
const rememberDeadLetters = 1000;

/** Delivers the events of one subscription, each at least once, until the signal aborts. What is pending then is lost: the queue is in memory. */
export function createDeliveries(subscription: Subscription, endpoint: Endpoint, options: DeliveryOptions) {
  const { clock, random, faults, records, signal } = options;
  const limited = createInFlightLimit(concurrentRequests);
  const validated = validate();

  /** Azure would refuse to create the subscription; here the host may start later than the topic. */
  async function validate(): Promise<void> {
    while (!signal.aborted && !(await endpoint.validate(signal))) await clock.sleep(validationRetryMs, signal);
  }

  async function deliver(envelope: Envelope): Promise<void> {
    const publishTime = clock.now();
    const delivery: PendingDelivery = { subscription: subscription.name, eventId: envelope.event.id, attempts: 0 };
    records.pending.add(delivery);
    await validated;
    if (faults.reorder) await clock.sleep(random() * reorderWithinMs, signal);

    const duplicates = Array.from({ length: faults.duplicateDeliveries }, () => sendDuplicate(envelope));
    const reason = await attemptUntilOver(envelope, delivery, publishTime);
    await Promise.all(duplicates);
    if (signal.aborted) return;

    records.pending.delete(delivery);
    const { attempts, lastOutcome: outcome = "", lastAttemptAt: lastAttemptTime = publishTime } = delivery;
    if (reason === undefined) {
      records.stats.delivered += 1;
      records.delivered.push({ subscription: subscription.name, eventId: delivery.eventId, attempts, at: clock.now() });
      if (records.delivered.length > rememberDelivered) records.delivered.shift();
      return;
    }
    records.stats.deadLettered += 1;
    const facts = { reason, attempts, outcome, publishTime, lastAttemptTime };
    // Azure waits five minutes before it writes a dead letter; waiting here would only hide it.
    const document = toDeadLetterDocument(envelope, facts);
    records.deadLetters.push({ topic: subscription.topic, subscription: subscription.name, document });
    if (records.deadLetters.length > rememberDeadLetters) records.deadLetters.shift();
  }

  async function sendDuplicate(envelope: Envelope): Promise<void> {
    records.stats.duplicates += 1;
    await limited(() => endpoint.deliver(envelope, 0, signal));
  }

  /** Why the event became undeliverable; undefined once it is delivered. */
  async function attemptUntilOver(
    envelope: Envelope,
    delivery: PendingDelivery,
    publishTime: Date,
  ): Promise<DeadLetterReason | undefined> {
    const expiresAt = publishTime.getTime() + (subscription.ttlMinutes ?? 1440) * 60_000;
    while (!signal.aborted) {
      delivery.lastAttemptAt = clock.now();
      const outcome = await limited(() => endpoint.deliver(envelope, delivery.attempts, signal));
      delivery.attempts += 1;
      delivery.lastOutcome = outcome.name;
      if (outcome.delivered) return undefined;

      records.stats.failedAttempts += 1;
      if (outcome.final) return `UndeliverableDueToHttp${outcome.name}`;
      if (delivery.attempts >= (subscription.maxAttempts ?? 30)) return "MaxDeliveryAttemptsExceeded";
      const delay = retryDelayMs(delivery.attempts, random);
      delivery.nextAttemptAt = new Date(clock.now().getTime() + delay);
      await clock.sleep(delay, signal);
      // Expiry is looked at only when the next attempt is due.
      if (clock.now().getTime() >= expiresAt) return "TimeToLiveExceeded";
    }
    return undefined;
  }

  return { deliver, validated };
}
