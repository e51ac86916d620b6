import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { toDeadLetterDocument } from "../../../../local/azure/event-grid/dead-letter.ts";
import { CloudEvent, EventGridEvent } from "../../../../local/azure/event-grid/envelope.ts";
import { retryDelayMs } from "../../../../local/azure/event-grid/retry-delay.ts";
import { referenceAbsent, referencePath } from "../../../support/reference-material.ts";
import { aCloudEvent, aGrid, anEvent, cloudEvents, until } from "./a-grid.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

describe("retries", () => {
  it("follow the published schedule, then every hour", async () => {
    const { clock, grid, publish } = await aGrid({ answer: () => 500 });
    const waits: number[] = [];

    await publish([anEvent()]);
    for (let attempt = 1; attempt <= 9; attempt += 1) {
      await until(() => expect(grid.stats.failedAttempts).toBe(attempt));
      await until(() => expect(clock.waits()).toHaveLength(1));
      const [wait = 0] = clock.waits();
      waits.push(wait);
      await clock.advance(wait);
    }

    expect(waits).toEqual([10 * second, 30 * second, minute, 5 * minute, 10 * minute, 30 * minute, hour, hour, hour]);
  });

  it("are spread a little, never early", () => {
    expect(retryDelayMs(1, () => 0)).toBe(10_000);
    expect(retryDelayMs(1, () => 0.999)).toBeGreaterThan(10_900);
    expect(retryDelayMs(1, () => 0.999)).toBeLessThanOrEqual(11_000);
  });

  it("end with the first success, and count themselves", async () => {
    const { clock, grid, publish, webhook } = await aGrid({ answer: (index) => (index < 2 ? 503 : 200) });

    await publish([anEvent()]);
    for (const failures of [1, 2]) {
      await until(() => expect(grid.stats.failedAttempts).toBe(failures));
      await until(() => expect(clock.waits()).toHaveLength(1));
      await clock.advance(30 * second);
    }
    await until(() => expect(grid.stats.delivered).toBe(1));

    expect(webhook.received.map(({ headers }) => headers["aeg-delivery-count"])).toEqual(["0", "1", "2"]);
    expect(grid.deadLetters).toEqual([]);
  });

  it.each([200, 201, 202, 203, 204])("are not made after %i", async (status) => {
    const { grid, publish } = await aGrid({ answer: () => status });

    await publish([anEvent()]);
    await until(() => expect(grid.stats.delivered).toBe(1));

    expect(grid.stats.failedAttempts).toBe(0);
  });

  it.each([205, 302, 401, 404, 408, 409, 429, 500, 503])("are made after %i", async (status) => {
    const { clock, grid, publish } = await aGrid({ answer: (index) => (index === 0 ? status : 202) });

    await publish([anEvent()]);
    await until(() => expect(clock.waits()).toEqual([10 * second]));
    await clock.advance(10 * second);
    await until(() => expect(grid.stats.delivered).toBe(1));

    expect(grid.stats.failedAttempts).toBe(1);
  });

  it.each([
    ["AzureFunction", 400, "BadRequest"],
    ["AzureFunction", 403, "Forbidden"],
    ["AzureFunction", 413, "PayloadTooLarge"],
    ["WebHook", 400, "BadRequest"],
    ["WebHook", 401, "Unauthorized"],
    ["WebHook", 403, "Forbidden"],
    ["WebHook", 413, "PayloadTooLarge"],
  ] as const)("are not made by a subscription of type %s after %i", async (endpointType, status, outcome) => {
    const { grid, publish } = await aGrid({ subscription: { endpointType }, answer: () => status });

    await publish([anEvent()]);
    await until(() => expect(grid.deadLetters).toHaveLength(1));

    expect(grid.deadLetters[0]?.document).toMatchObject({
      deadLetterReason: `UndeliverableDueToHttp${outcome}`,
      deliveryAttempts: 1,
      lastDeliveryOutcome: outcome,
    });
  });

  it("are made when the host does not answer in time or hangs up", async () => {
    const { clock, grid, publish, webhook } = await aGrid({
      options: { responseTimeoutMs: 200 },
      answer: () => new Promise(() => undefined),
    });

    await publish([anEvent()]);
    await until(() => expect(clock.waits()).toHaveLength(1));
    const page = await (await grid.admin.request("/_simulator/event-grid")).json();
    webhook.stop();
    await clock.advance(10 * second);
    await until(() => expect(grid.stats.failedAttempts).toBe(2));

    expect(page).toMatchObject({ pending: [{ lastOutcome: "TimedOut" }] });
    expect(await (await grid.admin.request("/_simulator/event-grid")).json()).toMatchObject({
      pending: [{ attempts: 2, lastOutcome: "SocketError" }],
    });
  });

  it("end when the attempts are used up", async () => {
    const { clock, grid, publish } = await aGrid({ subscription: { maxAttempts: 2 }, answer: () => 404 });

    await publish([anEvent()]);
    await until(() => expect(clock.waits()).toEqual([10 * second]));
    await clock.advance(10 * second);
    await until(() => expect(grid.deadLetters).toHaveLength(1));

    expect(grid.deadLetters).toMatchObject([
      {
        topic: "alerts",
        subscription: "to-host",
        document: {
          ...anEvent(),
          deadLetterReason: "MaxDeliveryAttemptsExceeded",
          deliveryAttempts: 2,
          lastDeliveryOutcome: "NotFound",
          publishTime: "2026-01-01T00:00:00.000Z",
          lastDeliveryAttemptTime: "2026-01-01T00:00:10.000Z",
        },
      },
    ]);
  });

  it("leave the latest thousand dead letters and count them all", async () => {
    const { grid, publish } = await aGrid({ subscription: { endpointType: "WebHook" }, answer: () => 400 });

    await publish(Array.from({ length: 1000 }, (_, index) => anEvent(`early-${index}`)));
    await until(() => expect(grid.stats.deadLettered).toBe(1000));
    await publish([anEvent("late")]);
    await until(() => expect(grid.stats.deadLettered).toBe(1001));

    expect(grid.deadLetters).toHaveLength(1000);
    expect(grid.deadLetters.at(-1)?.document).toMatchObject({ id: "late" });
  });

  it("end when the event's time to live is over", async () => {
    const { clock, grid, publish, webhook } = await aGrid({ subscription: { ttlMinutes: 1 }, answer: () => 500 });

    await publish(aCloudEvent(), cloudEvents);
    for (const failures of [1, 2, 3]) {
      await until(() => expect(grid.stats.failedAttempts).toBe(failures));
      await until(() => expect(clock.waits()).toHaveLength(1));
      await clock.advance(clock.waits()[0] ?? 0);
    }
    await until(() => expect(grid.deadLetters).toHaveLength(1));

    expect(grid.deadLetters[0]?.document).toEqual({
      ...aCloudEvent(),
      deadletterreason: "TimeToLiveExceeded",
      deliveryattempts: 3,
      lastdeliveryoutcome: "GenericError",
      publishtime: "2026-01-01T00:00:00.000Z",
    });
    expect(webhook.received).toHaveLength(3);
  });

  it("stop when the grid is closed", async () => {
    const { clock, grid, publish, webhook } = await aGrid({ answer: () => 500 });
    await publish([anEvent()]);
    await until(() => expect(clock.waits()).toHaveLength(1));

    await grid.close();
    await clock.advance(hour);

    expect(webhook.received).toHaveLength(1);
    expect(clock.waits()).toEqual([]);
  });
});

describe("a dead letter", () => {
  const facts = {
    reason: "MaxDeliveryAttemptsExceeded" as const,
    attempts: 1,
    outcome: "NotFound",
    publishTime: new Date("2020-08-13T17:18:14.026Z"),
    lastAttemptTime: new Date("2020-08-13T17:18:14.046Z"),
  };

  it.for(["dead_letter_eventgrid_schema.json", "dead_letter_cloudevent.json"])(
    "has the published shape of %s",
    (name, context) => {
      const path = referencePath("samples", "event_grid", name);
      if (!path) return context.skip(referenceAbsent);
      const sample: unknown = JSON.parse(readFileSync(path, "utf8"));
      const eventGrid = EventGridEvent.safeParse(sample);
      // The published CloudEvent lacks the version that the specification requires.
      const cloud = CloudEvent.safeParse({ specversion: "1.0", ...Object(sample) });
      const envelope = eventGrid.success
        ? { schema: "EventGridSchema" as const, event: eventGrid.data }
        : { schema: "CloudEventSchemaV1_0" as const, event: cloud.data ?? CloudEvent.parse({}) };
      const added = /^(deadletter|delivery|lastdelivery|publishtime)/i;
      const fieldsOf = (document: object) =>
        Object.entries(document)
          .filter(([field]) => added.test(field))
          .map(([field, value]) => [field, typeof value])
          .sort();

      const document = toDeadLetterDocument(envelope, facts);

      expect(fieldsOf(document)).toEqual(fieldsOf(Object(sample)));
      expect(Object.keys(document)).toEqual(expect.arrayContaining(Object.keys(Object(sample))));
    },
  );
});
