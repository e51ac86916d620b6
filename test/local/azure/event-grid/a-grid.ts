import { onTestFinished, vi } from "vitest";
import { createEventGrid, type EventGridOptions } from "../../../../local/azure/event-grid/topic.ts";
import type { Subscription, Topic } from "../../../../local/azure/event-grid/topic-options.ts";
import { createManualClock } from "../../../support/manual-clock.ts";
import { aWebhook } from "./a-webhook.ts";

export const host = "alerts.westeurope-1.eventgrid.azure.net";
export const key = "local-only-topic-key";

export interface GridSetup {
  topic?: Partial<Topic>;
  subscription?: Partial<Subscription>;
  also?: Subscription[];
  options?: Partial<EventGridOptions>;
  answer?: (index: number) => number | Promise<number>;
}

/** A topic with one subscription on a real webhook, and a clock that the test moves. */
export async function aGrid({ topic, subscription, also = [], options, answer }: GridSetup = {}) {
  const webhook = await aWebhook(answer);
  const clock = createManualClock();
  const grid = createEventGrid({
    topics: [{ name: "alerts", region: "westeurope", key, ...topic }],
    subscriptions: [{ topic: "alerts", name: "to-host", endpoint: webhook.endpoint, ...subscription }, ...also],
    clock,
    random: () => 0,
    ...options,
  });
  onTestFinished(async () => {
    await grid.close();
    webhook.stop();
  });

  const publish = async (body: unknown, headers: Record<string, string> = {}) =>
    grid.app.request(`/${host}/api/events`, {
      method: "POST",
      headers: { "aeg-sas-key": key, "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return { grid, webhook, clock, publish };
}

export function anEvent(id = "event-1") {
  return {
    id,
    subject: "alerts/API_AccessFromSuspiciousIP",
    eventType: "Portcullis.DefenderAlert",
    eventTime: "2026-01-01T00:00:00Z",
    data: { answer: 42 },
    dataVersion: "1.0",
  };
}

export function aCloudEvent(id = "event-1") {
  return { specversion: "1.0", id, source: "/tests", type: "Portcullis.DefenderAlert", data: { answer: 42 } };
}

export const cloudEvents = { "content-type": "application/cloudevents+json; charset=utf-8" };

/** Waits, in real time, for what a real socket brings. */
export function until(assertion: () => void): Promise<void> {
  return vi.waitFor(assertion, { timeout: 15_000, interval: 2 });
}
