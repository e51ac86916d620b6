import { describe, expect, it } from "vitest";
import { aCloudEvent, aGrid, anEvent, cloudEvents, host, key, until } from "./a-grid.ts";

describe("publishing to a topic", () => {
  it("takes an array of Event Grid events and answers 200 with no body", async () => {
    const { grid, publish, webhook } = await aGrid();

    const response = await publish([anEvent("a"), anEvent("b")]);

    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
    await until(() => expect(webhook.received).toHaveLength(2));
    expect(grid.stats.published).toBe(2);
  });

  it("takes one CloudEvent, or a batch of them", async () => {
    const { publish, webhook } = await aGrid();

    const one = await publish(aCloudEvent("a"), cloudEvents);
    const batch = await publish([aCloudEvent("b"), aCloudEvent("c")], {
      "content-type": "application/cloudevents-batch+json",
    });

    expect([one.status, batch.status]).toEqual([200, 200]);
    await until(() => expect(webhook.received).toHaveLength(3));
  });

  it("takes events without data, and stamps an empty version on those without one", async () => {
    const { publish, webhook } = await aGrid();
    const { data: _data, dataVersion: _version, ...bare } = anEvent();
    const { data: _cloudData, ...bareCloud } = aCloudEvent();

    const responses = [await publish([bare]), await publish(bareCloud, cloudEvents)];

    expect(responses.map(({ status }) => status)).toEqual([200, 200]);
    await until(() => expect(webhook.received).toHaveLength(2));
    expect(webhook.received.map(({ body }) => body)).toEqual(
      expect.arrayContaining([[expect.objectContaining({ dataVersion: "" })], bareCloud]),
    );
  });

  it("knows the topic by the host name that the request was made to", async () => {
    const { grid } = await aGrid();
    const send = (url: string, headers: Record<string, string> = {}) =>
      grid.app.request(url, {
        method: "POST",
        headers: { "aeg-sas-key": key, "content-type": "application/json", ...headers },
        body: JSON.stringify([anEvent()]),
      });

    expect((await send(`https://${host}/api/events?api-version=2018-01-01`)).status).toBe(200);
    expect((await send("/api/events", { host })).status).toBe(200);
    expect((await send("/other.westeurope-1.eventgrid.azure.net/api/events")).status).toBe(404);
    expect((await send("/api/events")).status).toBe(404);
  });

  it.each([
    ["no key", {}, "aeg-sas-key"],
    ["a wrong key", { "aeg-sas-key": "guess" }, "not authorized"],
    ["a key that only begins right", { "aeg-sas-key": `${key}x` }, "not authorized"],
    ["a token for somebody else", { authorization: "Bearer for-management" }, "not authorized"],
  ])("answers 401 to %s", async (_what, headers, message) => {
    const { grid } = await aGrid({ options: { verifyAudience: (bearer) => bearer === "for-event-grid" } });

    const response = await grid.app.request(`/${host}/api/events`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify([anEvent()]),
    });

    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      error: { code: "Unauthorized", message: expect.stringContaining(message), details: [{ code: "Unauthorized" }] },
    });
  });

  it("takes an Entra token for Event Grid in place of the key", async () => {
    const { grid } = await aGrid({ options: { verifyAudience: (bearer) => bearer === "for-event-grid" } });

    const response = await grid.app.request(`/${host}/api/events`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer for-event-grid" },
      body: JSON.stringify([anEvent()]),
    });

    expect(response.status).toBe(200);
  });

  it.each([
    ["text that is not JSON", "{", {}, "not JSON"],
    ["a single object", anEvent(), {}, "StartArray"],
    ["an event without an id", [{ ...anEvent(), id: undefined }], {}, "Event 0 has an incorrect format: id"],
    ["an empty subject", [{ ...anEvent(), subject: "" }], {}, "subject"],
    [
      "a time that is none",
      [anEvent(), { ...anEvent(), eventTime: "soon" }],
      {},
      "Event 1 has an incorrect format: eventTime",
    ],
    ["another metadata version", [{ ...anEvent(), metadataVersion: "2" }], {}, "metadataVersion"],
    ["another topic's name", [{ ...anEvent(), topic: "/subscriptions/x" }], {}, "leave it out"],
    ["a CloudEvent without a source", { ...aCloudEvent(), source: undefined }, cloudEvents, "source"],
    ["a CloudEvent of version 0.3", { ...aCloudEvent(), specversion: "0.3" }, cloudEvents, "specversion"],
    ["plain text", "hello", { "content-type": "text/plain" }, "text/plain is not supported"],
    ["null", [null], {}, "Event 0"],
  ])("answers 400 to %s and delivers nothing of it", async (_what, body, headers, message) => {
    const { grid, publish } = await aGrid();

    const response = await publish(body, headers);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: "BadRequest", message: expect.stringContaining(message) },
    });
    expect(grid.stats.published).toBe(0);
  });

  it.each([
    ["CloudEventSchemaV1_0", [anEvent()], {}],
    ["EventGridSchema", aCloudEvent(), cloudEvents],
  ] as const)("answers 400 to the other schema on a topic of %s", async (inputSchema, body, headers) => {
    const { publish } = await aGrid({ topic: { inputSchema } });

    expect((await publish(body, headers)).status).toBe(400);
  });

  it("takes 1 MB and answers 413 to more, and to more than 5000 events", async () => {
    const { publish } = await aGrid();
    const room = 1024 * 1024 - JSON.stringify([{ ...anEvent(), data: "" }]).length;

    const fits = await publish([{ ...anEvent(), data: "x".repeat(room) }]);
    const tooLarge = await publish([{ ...anEvent(), data: "x".repeat(room + 1) }]);
    const tooMany = await publish(Array.from({ length: 5001 }, (_, index) => ({ ...anEvent(`${index}`), data: null })));

    expect([fits.status, tooLarge.status, tooMany.status]).toEqual([200, 413, 413]);
    expect(await tooLarge.json()).toMatchObject({ error: { code: "PayloadTooLarge" } });
  });

  it("answers 404 to anything but POST /api/events", async () => {
    const { grid } = await aGrid();

    const response = await grid.app.request(`/${host}/api/events`);

    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: "NotFound" } });
  });

  it("refuses a CloudEvent when a subscription asks for the Event Grid schema", async () => {
    const { publish } = await aGrid({ subscription: { deliverySchema: "EventGridSchema" } });

    const response = await publish(aCloudEvent(), cloudEvents);

    expect(response.status).toBe(400);
    expect(await response.text()).toContain("to-host");
  });
});
