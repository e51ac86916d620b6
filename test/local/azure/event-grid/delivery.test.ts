import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { createEventGrid } from "../../../../local/azure/event-grid/topic.ts";
import { createManualClock } from "../../../support/manual-clock.ts";
import { aCloudEvent, aGrid, anEvent, cloudEvents, key, until } from "./a-grid.ts";
import { aWebhook, serveOnLoopback } from "./a-webhook.ts";

const topicId =
  "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/local/providers/Microsoft.EventGrid/topics/alerts";

describe("a delivery", () => {
  it("brings an Event Grid event as an array of one, stamped with its topic", async () => {
    const { publish, webhook } = await aGrid();

    await publish([anEvent()]);
    await until(() => expect(webhook.received).toHaveLength(1));

    expect(webhook.received[0]?.body).toEqual([{ ...anEvent(), topic: topicId, metadataVersion: "1" }]);
    expect(webhook.received[0]?.headers).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "aeg-event-type": "Notification",
      "aeg-subscription-name": "TO-HOST",
      "aeg-delivery-count": "0",
      "aeg-data-version": "1.0",
      "aeg-metadata-version": "1",
    });
  });

  it("brings a CloudEvent as it was published", async () => {
    const { publish, webhook } = await aGrid();

    await publish({ ...aCloudEvent(), traceparent: "00-1" }, cloudEvents);
    await until(() => expect(webhook.received).toHaveLength(1));

    expect(webhook.received[0]?.body).toEqual({ ...aCloudEvent(), traceparent: "00-1" });
    expect(webhook.received[0]?.headers).toMatchObject({
      "content-type": "application/cloudevents+json; charset=utf-8",
      "aeg-event-type": "Notification",
    });
  });

  it("brings an Event Grid event as a CloudEvent where the subscription asks for it", async () => {
    const { publish, webhook } = await aGrid({ subscription: { deliverySchema: "CloudEventSchemaV1_0" } });

    await publish([anEvent()]);
    await until(() => expect(webhook.received).toHaveLength(1));

    expect(webhook.received[0]?.body).toEqual({
      specversion: "1.0",
      id: "event-1",
      source: topicId,
      type: "Portcullis.DefenderAlert",
      subject: "alerts/API_AccessFromSuspiciousIP",
      time: "2026-01-01T00:00:00Z",
      data: { answer: 42 },
    });
  });

  it("goes to every subscription of the topic", async () => {
    const second = await aWebhook();
    const { grid, publish, webhook } = await aGrid({
      also: [{ topic: "alerts", name: "second", endpoint: second.endpoint, deliverySchema: "CloudEventSchemaV1_0" }],
    });

    await publish([anEvent()]);
    await until(() => expect(grid.stats.delivered).toBe(2));

    expect(webhook.received).toMatchObject([{ body: [{ eventType: "Portcullis.DefenderAlert" }] }]);
    expect(second.received).toMatchObject([{ body: { type: "Portcullis.DefenderAlert" } }]);
    second.stop();
  });

  it("repeats every event when duplicates are switched on, and only then", async () => {
    const { grid, publish, webhook } = await aGrid();

    grid.faults.duplicateDeliveries = 3;
    await publish([anEvent("repeated")]);
    await until(() => expect(grid.stats.delivered).toBe(1));
    grid.faults.duplicateDeliveries = 0;
    await publish([anEvent("once")]);
    await until(() => expect(grid.stats.delivered).toBe(2));

    const ids = webhook.received.map(({ body }) => (Array.isArray(body) ? body[0].id : undefined));
    expect(ids).toEqual(["repeated", "repeated", "repeated", "repeated", "once"]);
    expect(grid.stats.duplicates).toBe(3);
  });

  it("comes out of order when that is switched on", async () => {
    const holds = [0.9, 0.1];
    const { clock, publish, webhook } = await aGrid({
      options: { faults: { duplicateDeliveries: 0, reorder: true }, random: () => holds.shift() ?? 0 },
    });

    await publish([anEvent("first"), anEvent("second")]);
    await until(() => expect(clock.waits()).toHaveLength(2));
    await clock.advance(1000);
    await until(() => expect(webhook.received).toHaveLength(1));
    await clock.advance(1000);
    await until(() => expect(webhook.received).toHaveLength(2));

    expect(webhook.received).toMatchObject([{ body: [{ id: "second" }] }, { body: [{ id: "first" }] }]);
  });

  it("has at most fifty requests under way", async () => {
    let underWay = 0;
    let most = 0;
    const { grid, publish } = await aGrid({
      answer: async () => {
        underWay += 1;
        most = Math.max(most, underWay);
        await new Promise((resolve) => setTimeout(resolve, 50));
        underWay -= 1;
        return 202;
      },
    });

    await publish(Array.from({ length: 300 }, (_, index) => anEvent(`event-${index}`)));
    await until(() => expect(grid.stats.delivered).toBe(300));

    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(50);
  });

  it("shows what is pending, delivered and dead on the simulator's own page", async () => {
    const { grid, publish } = await aGrid({ answer: (index) => [202, 500, 400][index] ?? 202 });

    for (const id of ["good", "later", "dead"]) {
      await publish([anEvent(id)]);
      await until(() =>
        expect(grid.stats.delivered + grid.stats.failedAttempts).toBeGreaterThan(["good", "later", "dead"].indexOf(id)),
      );
    }

    const page = await (await grid.admin.request("/_simulator/event-grid")).json();
    expect(page).toMatchObject({
      stats: { published: 3, delivered: 1, failedAttempts: 2, deadLettered: 1 },
      pending: [
        { eventId: "later", attempts: 1, lastOutcome: "GenericError", nextAttemptAt: "2026-01-01T00:00:10.000Z" },
      ],
      delivered: [{ eventId: "good", attempts: 1 }],
      deadLetters: [{ subscription: "to-host", document: { id: "dead" } }],
    });
  });
});

describe("the handshake", () => {
  it("proves an endpoint of the Event Grid schema by a validation event", async () => {
    const { webhook } = await aGrid();

    await until(() => expect(webhook.handshakes).toHaveLength(1));

    expect(webhook.handshakes[0]).toMatchObject({
      headers: { "aeg-event-type": "SubscriptionValidation" },
      body: [{ eventType: "Microsoft.EventGrid.SubscriptionValidationEvent", topic: topicId, subject: "" }],
    });
  });

  it("proves an endpoint of CloudEvents by OPTIONS", async () => {
    const { webhook } = await aGrid({ subscription: { deliverySchema: "CloudEventSchemaV1_0" } });

    await until(() => expect(webhook.handshakes).toHaveLength(1));

    expect(webhook.handshakes[0]?.headers).toMatchObject({ "webhook-request-origin": "eventgrid.azure.net" });
  });

  it.each([
    ["EventGridSchema", 202, (code: string) => ({ validationResponse: code })],
    ["EventGridSchema", 200, () => ({ validationResponse: "another code" })],
    ["EventGridSchema", 200, () => "OK"],
    ["CloudEventSchemaV1_0", 200, () => ({})],
  ] as const)(
    "does not take %s endpoints that answer it with %i and the wrong thing",
    async (deliverySchema, status, answer) => {
      let handshakes = 0;
      const app = new Hono();
      app.all("/hook", async (context) => {
        handshakes += 1;
        const [event] = context.req.method === "POST" ? await context.req.json() : [];
        return context.json(answer(event?.data.validationCode), status);
      });
      const server = await serveOnLoopback(app);
      const { clock, grid, publish } = await aGrid({
        subscription: { deliverySchema, endpoint: `${server.origin}/hook` },
      });

      await publish([anEvent()]);
      await until(() => expect(clock.waits()).toEqual([1000]));
      await clock.advance(1000);
      await until(() => expect(handshakes).toBe(2));

      expect(grid.stats).toMatchObject({ published: 1, delivered: 0, failedAttempts: 0 });
      server.stop();
    },
  );

  it("holds events back until the host is up", async () => {
    const reserved = await aWebhook();
    const port = Number(new URL(reserved.endpoint).port);
    reserved.stop();
    const { clock, grid, publish } = await aGrid({ subscription: { endpoint: reserved.endpoint } });

    await publish([anEvent()]);
    await until(() => expect(clock.waits()).toEqual([1000]));
    const host = await aWebhook(undefined, port);
    await clock.advance(1000);
    await until(() => expect(grid.stats.delivered).toBe(1));

    expect(host.handshakes).toHaveLength(1);
    expect(grid.stats.failedAttempts).toBe(0);
    host.stop();
  });
});

describe("creating a grid", () => {
  const topics = [{ name: "alerts", region: "westeurope", key }];
  const subscription = { topic: "alerts", name: "s", endpoint: "http://127.0.0.1:1/hook" };

  it.each([
    ["an unknown topic", topics, { ...subscription, topic: "other" }, "no topic other"],
    ["an endpoint elsewhere", topics, { ...subscription, endpoint: "https://example.com/hook" }, "127.0.0.1 only"],
    ["too many attempts", topics, { ...subscription, maxAttempts: 31 }, "maxAttempts"],
    ["too long a life", topics, { ...subscription, ttlMinutes: 1441 }, "ttlMinutes"],
    [
      "CloudEvents in the Event Grid schema",
      [{ ...topics[0], name: "alerts", region: "westeurope", key, inputSchema: "CloudEventSchemaV1_0" as const }],
      { ...subscription, deliverySchema: "EventGridSchema" as const },
      "cannot be delivered in the Event Grid schema",
    ],
  ])("refuses %s", (_what, someTopics, someSubscription, message) => {
    const create = () =>
      createEventGrid({ topics: someTopics, subscriptions: [someSubscription], clock: createManualClock() });

    expect(create).toThrow(message);
  });
});
