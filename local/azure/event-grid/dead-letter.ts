import type { Envelope } from "./envelope.ts";

export type DeadLetterReason =
  | "MaxDeliveryAttemptsExceeded"
  | "TimeToLiveExceeded"
  /** Followed by the outcome, such as `UndeliverableDueToHttpBadRequest`. */
  | `UndeliverableDueToHttp${string}`;

export interface DeadLetterFacts {
  reason: DeadLetterReason;
  attempts: number;
  outcome: string;
  publishTime: Date;
  lastAttemptTime: Date;
}

export interface DeadLetter {
  topic: string;
  subscription: string;
  /** What Event Grid would write to the container, in its published shape. */
  document: Readonly<Record<string, unknown>>;
}

/**
 * The two shapes of https://learn.microsoft.com/azure/event-grid/delivery-and-retry#dead-letter-events. In CloudEvents form the
 * added names are extension attributes, which are lower-case, and the published example has no time of the last attempt.
 */
export function toDeadLetterDocument(envelope: Envelope, facts: DeadLetterFacts): Record<string, unknown> {
  if (envelope.schema === "CloudEventSchemaV1_0")
    return {
      ...envelope.event,
      deadletterreason: facts.reason,
      deliveryattempts: facts.attempts,
      lastdeliveryoutcome: facts.outcome,
      publishtime: facts.publishTime.toISOString(),
    };
  return {
    ...envelope.event,
    deadLetterReason: facts.reason,
    deliveryAttempts: facts.attempts,
    lastDeliveryOutcome: facts.outcome,
    publishTime: facts.publishTime.toISOString(),
    lastDeliveryAttemptTime: facts.lastAttemptTime.toISOString(),
  };
}
