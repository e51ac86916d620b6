import * as z from "zod";
import { CannotSend } from "./cannot-send.ts";
import type { OutgoingEvent } from "./wrap-alerts.ts";

export interface TopicAddress {
  url: string;
  key: string;
}

const timeoutMs = 30_000;
const TopicError = z.object({ error: z.object({ message: z.string() }) });

/** Events of one schema go in one POST, of which a topic takes all or none. Throws CannotSend. */
export async function publish(
  schema: OutgoingEvent["schema"],
  events: readonly OutgoingEvent[],
  topic: TopicAddress,
): Promise<void> {
  const bodies = events.map(({ event }) => event);
  if (schema === "eventgrid") await post(topic, "application/json", bodies);
  else if (bodies.length === 1) await post(topic, "application/cloudevents+json", bodies[0]);
  else await post(topic, "application/cloudevents-batch+json", bodies);
}

async function post(topic: TopicAddress, contentType: string, body: unknown): Promise<void> {
  const response = await request(topic, contentType, JSON.stringify(body));
  const text = await response.text();
  if (response.ok) return;
  throw new CannotSend(
    "refused",
    `The topic at ${topic.url} answered ${response.status}: ${explain(text)}${advise(response.status)}`,
  );
}

async function request(topic: TopicAddress, contentType: string, body: string): Promise<Response> {
  try {
    return await fetch(topic.url, {
      method: "POST",
      headers: { "Content-Type": `${contentType}; charset=utf-8`, "aeg-sas-key": topic.key },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (cause) {
    const refused = isRefused(cause);
    const why = refused
      ? "nothing listens there. Is `npm start` running?"
      : cause instanceof Error
        ? cause.message
        : cause;
    throw new CannotSend("refused", `Cannot publish to ${topic.url}: ${why}`, { cause });
  }
}

function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "ECONNREFUSED";
}

function explain(text: string): string {
  try {
    return TopicError.parse(JSON.parse(text)).error.message;
  } catch {
    return text.slice(0, 500) || "(no reason given)";
  }
}

function advise(status: number): string {
  if (status === 401) return " Set PORTCULLIS_LOCAL_TOPIC_KEY to the topic's key.";
  return status === 413 ? " Split the file, or send one alert at a time." : "";
}
