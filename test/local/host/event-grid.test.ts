import { beforeEach, describe, expect, test } from "vitest";
import { calls, closeGate, gate } from "./apps/record.ts";
import { startTestHost } from "./support.ts";

const loadApp = () => import("./apps/triggers.ts");
const path = "/runtime/webhooks/EventGrid?functionName=onEvent";
const event = (subject: string) => ({
  id: subject,
  subject,
  eventType: "t",
  eventTime: "2026-01-01T00:00:00Z",
  data: { n: 1 },
});

async function deliver(
  host: { url: string },
  body: string,
  type: string | undefined = "Notification",
  to = path,
): Promise<Response> {
  return fetch(`${host.url}${to}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(type ? { "aeg-event-type": type } : {}) },
    body,
  });
}

beforeEach(() => {
  calls.length = 0;
});

describe("the Event Grid webhook", () => {
  test("runs the function once for every event of an array, all at the same time, and answers 202", async () => {
    const host = await startTestHost(loadApp);
    closeGate();

    const answer = deliver(host, JSON.stringify([event("wait"), event("other")]));
    await expect.poll(() => calls.length).toBe(2);
    gate.open();

    expect((await answer).status).toBe(202);
    expect(calls).toContainEqual(event("other"));
  });

  test("takes a single CloudEvent as it is", async () => {
    const host = await startTestHost(loadApp);
    const cloudEvent = { specversion: "1.0", id: "1", source: "/s", type: "t", data: "text" };

    expect((await deliver(host, JSON.stringify(cloudEvent))).status).toBe(202);
    expect(calls).toEqual([cloudEvent]);
  });

  test("answers 500 for the whole delivery when one event failed", async () => {
    const host = await startTestHost(loadApp);

    expect((await deliver(host, JSON.stringify([event("fine"), event("fail")]))).status).toBe(500);
    expect(calls).toHaveLength(2);
    expect(host.log.some(({ message }) => message.includes("told to fail"))).toBe(true);
  });

  test("answers the validation handshake of both schemas", async () => {
    const host = await startTestHost(loadApp);
    const validation = {
      ...event(""),
      eventType: "Microsoft.EventGrid.SubscriptionValidationEvent",
      data: { validationCode: "abc" },
    };
    const asCloudEvent = {
      specversion: "1.0",
      id: "1",
      source: "/s",
      type: "t",
      data: JSON.stringify({ validationCode: "def" }),
    };

    const first = await deliver(host, JSON.stringify([validation]), "SubscriptionValidation");
    const second = await deliver(host, JSON.stringify(asCloudEvent), "SubscriptionValidation");

    expect([first.status, await first.json()]).toEqual([200, { validationResponse: "abc" }]);
    expect([second.status, await second.json()]).toEqual([200, { validationResponse: "def" }]);
    expect((await deliver(host, "[{}]", "SubscriptionValidation")).status).toBe(400);
    for (const data of ["not JSON", "{}", "null"]) {
      const refused = JSON.stringify({ ...asCloudEvent, data });
      expect((await deliver(host, refused, "SubscriptionValidation")).status).toBe(400);
    }
    expect(calls).toEqual([]);
  });

  test("allows an origin that asks with OPTIONS", async () => {
    const host = await startTestHost(loadApp);
    const ask = (headers: Record<string, string>) => fetch(`${host.url}${path}`, { method: "OPTIONS", headers });
    const allowed = await ask({ "WebHook-Request-Origin": "eventgrid.azure.net" });

    expect(allowed.status).toBe(200);
    expect(allowed.headers.get("webhook-allowed-origin")).toBe("eventgrid.azure.net");
    expect(allowed.headers.get("webhook-allowed-rate")).toBe("*");
    expect((await ask({})).status).toBe(400);
  });

  test("answers 404 for an unknown function, 202 to unsubscribe, 400 to another kind and to what is no event", async () => {
    const host = await startTestHost(loadApp);
    const body = JSON.stringify([event("x")]);

    expect((await deliver(host, body, "Notification", "/runtime/webhooks/EventGrid?functionName=named")).status).toBe(
      404,
    );
    expect((await deliver(host, body, "Notification", "/runtime/webhooks/eventgrid?functionName=ONEVENT")).status).toBe(
      202,
    );
    expect((await deliver(host, "", "Unsubscribe")).status).toBe(202);
    expect((await deliver(host, body, "Other")).status).toBe(400);
    expect((await deliver(host, body, "")).status).toBe(400);
    expect((await deliver(host, "{not json")).status).toBe(400);
    expect((await deliver(host, "[1]")).status).toBe(400);
    expect(calls).toHaveLength(1);
  });
});
