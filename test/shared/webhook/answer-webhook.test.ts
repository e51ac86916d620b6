import { describe, expect, test } from "vitest";
import type { Intake } from "../../../shared/ledger/intake-journal.ts";
import { answerWebhook, type WebhookParts } from "../../../shared/webhook/answer-webhook.ts";
import { aTenant, key } from "./a-tenant.ts";

const { door } = aTenant();
const intake: Intake = {
  eventId: "e1",
  outcome: "accepted",
  reason: "a run was started",
  alertKey: "secret",
  runId: "respond-1",
};

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  parts?: Partial<WebhookParts>;
}

/** A call that holds the key and JSON, but for what is changed. */
async function ask({ method = "POST", headers = {}, body = "", parts = {} }: Asked) {
  const received: unknown[] = [];
  const failures: unknown[] = [];
  const all: Record<string, string> = { "x-portcullis-key": key, "content-type": "application/json", ...headers };
  const answer = await answerWebhook(
    {
      method,
      header: (name) => all[name],
      query: () => undefined,
      body: chunks(typeof body === "string" ? Buffer.from(body) : body),
    },
    {
      door: async () => door(),
      receive: async (value, from) => {
        received.push([value, from]);
        return [intake];
      },
      onFailure: (error) => failures.push(error),
      ...parts,
    },
  );
  return { answer, received, failures };
}

async function* chunks(bytes: Uint8Array, size = 64 * 1024): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe("a delivery", () => {
  test.each([
    "application/json",
    "application/json; charset=UTF-8",
    "application/cloudevents+json",
    "application/cloudevents-batch+json;charset=utf-8",
  ])("of the type %s is taken, and the answer says what became of each payload", async (type) => {
    const { answer, received } = await ask({ headers: { "content-type": type }, body: '[{"id":"e1"}]' });

    expect(received).toEqual([[[{ id: "e1" }], "webhook: key"]]);
    expect(answer).toMatchObject({ status: 202, headers: { "content-type": "application/json" } });
    expect(answer.body).toEqual([
      { eventId: "e1", outcome: "accepted", reason: "a run was started", runId: "respond-1" },
    ]);
  });

  test("with a bad alert inside is taken all the same: it is recorded, and the answer tells", async () => {
    const refused: Intake = { eventId: "unknown", outcome: "refused", reason: "unknown shape" };
    const { answer } = await ask({ body: "7", parts: { receive: async () => [refused] } });

    expect([answer.status, answer.body]).toEqual([202, [refused]]);
  });

  test.each([
    ["garbage", "{not json"],
    ["nothing", ""],
    ["two values", "{}{}"],
    ["bytes that are not UTF-8", Uint8Array.of(0x22, 0xff, 0x22)],
    ["UTF-16", Buffer.from('{"a":1}', "utf16le")],
  ])("of %s is answered with 400", async (_, body) => {
    const { answer, received } = await ask({ body });

    expect([answer.status, received]).toEqual([400, []]);
  });

  test.each([
    "text/plain",
    "application/xml",
    "application/jsonp",
    "application/json; charset=utf-16",
    "multipart/json",
    "",
  ])("of the type %j is answered with 415", async (type) => {
    expect((await ask({ headers: { "content-type": type }, body: "{}" })).answer.status).toBe(415);
  });

  test("is taken up to 1 MiB, and answered with 413 beyond, whether or not its length was announced", async () => {
    const most = JSON.stringify("x".repeat(1024 * 1024 - 2));

    expect((await ask({ body: most })).answer.status).toBe(202);
    expect((await ask({ body: `${most} ` })).answer.status).toBe(413);
    expect((await ask({ body: "{}", headers: { "content-length": "1048577" } })).answer.status).toBe(413);
  });

  test("that is too long is not read to its end", async () => {
    let read = 0;
    async function* endless(): AsyncIterable<Uint8Array> {
      for (; ; read++) yield new Uint8Array(64 * 1024);
    }
    const header = (name: string) => ({ "x-portcullis-key": key, "content-type": "application/json" })[name];
    const call = { method: "POST", header, query: () => undefined, body: endless() };
    const answer = await answerWebhook(call, {
      door: async () => door(),
      receive: async () => [],
      onFailure: () => {},
    });

    expect(answer.status).toBe(413);
    expect(read).toBe(16);
  });

  test("nested a hundred thousand deep, or with names of prototypes, is only handed on", async () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;

    expect((await ask({ body: deep })).answer.status).toBe(202);
    expect((await ask({ body: '{"__proto__":{"polluted":true},"constructor":{"prototype":{}}}' })).answer.status).toBe(
      202,
    );
    expect("polluted" in {}).toBe(false);
  });

  test("that cannot be recorded is answered with 503, comes again, and says nothing of the reason", async () => {
    const down = async () => Promise.reject(new Error("table Alerts at https://ledger.example: 503"));
    const { answer, failures } = await ask({ body: "{}", parts: { receive: down } });

    expect(answer).toMatchObject({ status: 503, headers: { "retry-after": "30" } });
    expect(JSON.stringify(answer.body)).not.toContain("ledger.example");
    expect(failures).toHaveLength(1);
  });

  test("is answered with 503 while the settings cannot be read", async () => {
    const { answer, received } = await ask({
      body: "{}",
      parts: { door: async () => Promise.reject(new Error("no settings")) },
    });

    expect([answer.status, received]).toEqual([503, []]);
  });

  test("without a credential is not read at all", async () => {
    const { answer, received } = await ask({
      headers: { "x-portcullis-key": "wrong", "content-type": "text/plain" },
      body: "{",
    });

    expect([answer.status, received]).toEqual([401, []]);
  });
});

describe("the handshake of CloudEvents", () => {
  const origin = { "webhook-request-origin": "eventgrid.azure.net" };

  test("allows the origin that asks, at any rate", async () => {
    const { answer, received } = await ask({
      method: "OPTIONS",
      headers: { ...origin, "webhook-request-rate": "120" },
    });

    expect(answer).toEqual({
      status: 200,
      headers: { allow: "OPTIONS, POST", "webhook-allowed-origin": "eventgrid.azure.net", "webhook-allowed-rate": "*" },
    });
    expect(received).toEqual([]);
  });

  test.each([undefined, "", "evil.example\r\nset-cookie: a=b", "*", "a b", "-x"])(
    "does not allow the origin %j",
    async (asked) => {
      const headers = asked === undefined ? {} : { "webhook-request-origin": asked };
      const { answer } = await ask({ method: "OPTIONS", headers });

      expect(answer.status).toBe(400);
      expect(Object.keys(answer.headers)).not.toContain("webhook-allowed-origin");
    },
  );

  test("needs a credential", async () => {
    const { answer } = await ask({ method: "OPTIONS", headers: { ...origin, "x-portcullis-key": "wrong" } });

    expect(answer.status).toBe(401);
    expect(Object.keys(answer.headers)).not.toContain("webhook-allowed-origin");
  });
});

describe("the handshake of the Event Grid schema", () => {
  const headers = { "aeg-event-type": "SubscriptionValidation" };
  const event = (data: unknown, eventType = "Microsoft.EventGrid.SubscriptionValidationEvent") =>
    JSON.stringify([{ id: "1", topic: "/t", subject: "", eventType, eventTime: "2026-01-01T00:00:00Z", data }]);

  test("is answered with the code and 200, because 202 would not count", async () => {
    const body = event({ validationCode: "512d38b6", validationUrl: "https://rp.eventgrid.azure.net:553/x" });
    const { answer, received } = await ask({ headers, body });

    expect([answer.status, answer.body, received]).toEqual([200, { validationResponse: "512d38b6" }, []]);
  });

  test.each([
    ["without a code", event({})],
    ["with an empty code", event({ validationCode: "" })],
    ["with a code that is no text", event({ validationCode: 7 })],
    ["of another type", event({ validationCode: "a" }, "Other")],
    [
      "of two events",
      `[${event({ validationCode: "a" }).slice(1, -1)},${event({ validationCode: "b" }).slice(1, -1)}]`,
    ],
    ["that is no array", "{}"],
  ])("is not given to one %s", async (_, body) => {
    expect((await ask({ headers, body })).answer.status).toBe(400);
  });

  test("needs a credential, and its header: an event that only looks like it is received as any other", async () => {
    const body = event({ validationCode: "a" });

    expect((await ask({ headers: { ...headers, "x-portcullis-key": "wrong" }, body })).answer.status).toBe(401);
    expect((await ask({ headers: { "aeg-event-type": "Notification" }, body })).received).toHaveLength(1);
  });
});
