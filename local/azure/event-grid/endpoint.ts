import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { Clock } from "../../../shared/clock.ts";
import { type DeliveryOutcome, outcomeOfFailure, outcomeOfStatus } from "./delivery-outcome.ts";
import type { Envelope, SchemaName } from "./envelope.ts";
import { type Subscription, type Topic, topicId } from "./topic-options.ts";

/** The far side of a subscription. */
export interface Endpoint {
  /** One try at the handshake that proves that the endpoint wants events. */
  validate(signal: AbortSignal): Promise<boolean>;
  /** One attempt at delivery, after `failures` that went before it. */
  deliver(envelope: Envelope, failures: number, signal: AbortSignal): Promise<DeliveryOutcome>;
}

const origin = "eventgrid.azure.net";
const ValidationAnswer = z.looseObject({ validationResponse: z.string() });

/** `responseTimeoutMs` is real time, not the clock's: it guards a socket. */
export function createEndpoint(
  topic: Topic,
  subscription: Subscription,
  options: { clock: Clock; responseTimeoutMs: number },
): Endpoint {
  const { endpoint, name } = subscription;

  const send = async (method: string, headers: Record<string, string>, signal: AbortSignal, body?: string) => {
    const signals = AbortSignal.any([signal, AbortSignal.timeout(options.responseTimeoutMs)]);
    const request = {
      method,
      headers,
      redirect: "manual" as const,
      signal: signals,
      ...(body !== undefined && { body }),
    };
    const response = await fetch(endpoint, request);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };

  const validateByPost = async (signal: AbortSignal) => {
    const code = randomUUID();
    const event = validationEvent(topic, subscription, code, options.clock.now());
    const headers = deliveryHeaders("SubscriptionValidation", name, "EventGridSchema");
    const { status, text } = await send("POST", headers, signal, JSON.stringify([event]));
    const answer = ValidationAnswer.safeParse(JSON.parse(text || "null"));
    // 202 is not accepted, though it is for events.
    return status === 200 && answer.success && answer.data.validationResponse === code;
  };

  const validateByOptions = async (signal: AbortSignal) => {
    const { status, headers } = await send("OPTIONS", { "WebHook-Request-Origin": origin }, signal);
    const allowed = headers.get("WebHook-Allowed-Origin");
    return status === 200 && (allowed === "*" || allowed === origin);
  };

  return {
    async validate(signal) {
      try {
        const schema = subscription.deliverySchema ?? topic.inputSchema ?? "EventGridSchema";
        return await (schema === "EventGridSchema" ? validateByPost(signal) : validateByOptions(signal));
      } catch {
        return false;
      }
    },

    async deliver(envelope, failures, signal) {
      const headers = {
        ...deliveryHeaders("Notification", name, envelope.schema),
        "aeg-delivery-count": String(failures),
        "aeg-data-version": envelope.schema === "EventGridSchema" ? envelope.event.dataVersion : "",
        "aeg-metadata-version": "1",
      };
      const body = JSON.stringify(envelope.schema === "EventGridSchema" ? [envelope.event] : envelope.event);
      try {
        const { status } = await send("POST", headers, signal, body);
        return outcomeOfStatus(status, subscription.endpointType);
      } catch (error) {
        return outcomeOfFailure(error instanceof Error && error.name === "TimeoutError");
      }
    },
  };
}

/** Event Grid writes the subscription's name in capitals. */
function deliveryHeaders(eventType: string, subscription: string, schema: SchemaName): Record<string, string> {
  const mediaType = schema === "EventGridSchema" ? "application/json" : "application/cloudevents+json";
  return {
    "Content-Type": `${mediaType}; charset=utf-8`,
    Origin: origin,
    "aeg-event-type": eventType,
    "aeg-subscription-name": subscription.toUpperCase(),
  };
}

/** https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema. Nothing listens at the URL here: answer the POST. */
function validationEvent(topic: Topic, subscription: Subscription, validationCode: string, now: Date) {
  const validationUrl = `https://rp-${topic.region}.eventgrid.azure.net:553/eventsubscriptions/${subscription.name}/validate?id=${validationCode}`;
  return {
    id: randomUUID(),
    topic: topicId(topic),
    subject: "",
    data: { validationCode, validationUrl },
    eventType: "Microsoft.EventGrid.SubscriptionValidationEvent",
    eventTime: now.toISOString(),
    metadataVersion: "1",
    dataVersion: "1",
  };
}
