import * as z from "zod";
import { refuse, type WebhookAnswer } from "./webhook-answer.ts";
import type { WebhookCall } from "./webhook-call.ts";

/** A DNS expression; whatever else is in the header would be echoed into one of ours. */
const dnsExpression = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;

const ValidationEvents = z
  .array(
    z.object({
      eventType: z.literal("Microsoft.EventGrid.SubscriptionValidationEvent"),
      data: z.object({ validationCode: z.string().min(1).max(1024) }),
    }),
  )
  .length(1);

/**
 * The abuse protection of CloudEvents: a sender asks whether it may send here before it does. No rate is set, so whatever rate is asked
 * for is granted. https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md#4-abuse-protection
 */
export function answerOptions({ header }: Pick<WebhookCall, "header">): WebhookAnswer {
  const origin = header("webhook-request-origin");
  if (origin === undefined || !dnsExpression.test(origin)) {
    return refuse(400, "Not a handshake", "Send the header WebHook-Request-Origin with the sender's DNS name.");
  }
  const headers = { allow: "OPTIONS, POST", "webhook-allowed-origin": origin, "webhook-allowed-rate": "*" };
  return { status: 200, headers };
}

export function isSubscriptionValidation({ header }: Pick<WebhookCall, "header">): boolean {
  return header("aeg-event-type")?.toLowerCase() === "subscriptionvalidation";
}

/**
 * The handshake of the Event Grid schema. It must be answered with 200; 202 does not count.
 * https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema
 */
export function answerSubscriptionValidation(body: unknown): WebhookAnswer {
  const events = ValidationEvents.safeParse(body);
  const code = events.data?.[0]?.data.validationCode;
  if (code === undefined) {
    return refuse(400, "Not a handshake", "A SubscriptionValidation holds one event with data.validationCode.");
  }
  return { status: 200, headers: { "content-type": "application/json" }, body: { validationResponse: code } };
}
