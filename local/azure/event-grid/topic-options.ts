import { isLoopback } from "../../../shared/config.ts";
import type { SchemaName } from "./envelope.ts";

export interface Topic {
  name: string;
  region: string;
  key: string;
  /** A real topic has exactly one. Left out, the simulated one takes both, as two topics with the same subscriptions would. */
  inputSchema?: SchemaName;
}

export interface Subscription {
  topic: string;
  name: string;
  /** A loopback URL such as `http://127.0.0.1:7071/runtime/webhooks/EventGrid?functionName=receiveAlert`. */
  endpoint: string;
  /** Which statuses end the retries depends on it; `AzureFunction` when left out. */
  endpointType?: "AzureFunction" | "WebHook";
  /** Left out, events are delivered in the schema in which they were published. */
  deliverySchema?: SchemaName;
  /** 1 to 30; 30 when left out. */
  maxAttempts?: number;
  /** 1 to 1440; 1440 when left out. */
  ttlMinutes?: number;
}

export function topicHost(topic: Topic): string {
  return `${topic.name}.${topic.region}-1.eventgrid.azure.net`.toLowerCase();
}

/** What the topic's ARM id would be; Event Grid stamps it on every event. */
export function topicId(topic: Topic): string {
  return `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/local/providers/Microsoft.EventGrid/topics/${topic.name}`;
}

/** The topic of a subscription that Event Grid would have created; throws otherwise. */
export function checkSubscription(subscription: Subscription, topics: readonly Topic[]): Topic {
  const { name, endpoint, maxAttempts = 30, ttlMinutes = 1440 } = subscription;
  const refuse = (why: string) => new Error(`Cannot create the event subscription ${name}: ${why}`);

  const topic = topics.find((candidate) => candidate.name === subscription.topic);
  if (!topic) throw refuse(`there is no topic ${subscription.topic}`);
  if (!isLoopback(endpoint)) throw refuse(`the simulator delivers to http://127.0.0.1 only, not to ${endpoint}`);
  if (!isWholeNumber(maxAttempts, 1, 30)) throw refuse(`maxAttempts must be from 1 to 30, not ${maxAttempts}`);
  if (!isWholeNumber(ttlMinutes, 1, 1440)) throw refuse(`ttlMinutes must be from 1 to 1440, not ${ttlMinutes}`);
  if (topic.inputSchema === "CloudEventSchemaV1_0" && subscription.deliverySchema === "EventGridSchema")
    throw refuse(`the topic ${topic.name} takes CloudEvents, which cannot be delivered in the Event Grid schema`);
  return topic;
}

function isWholeNumber(value: number, from: number, to: number): boolean {
  return Number.isInteger(value) && from <= value && value <= to;
}
