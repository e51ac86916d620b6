import { describe, expect, it } from "vitest";
import { isEnvelope, unwrap, unwrapAll } from "../../../shared/alerts/unwrap.ts";

const payload = { SystemAlertId: "1", note: "ü €" };
const eventGrid = {
  id: "e-1",
  eventType: "Alert",
  subject: "s",
  eventTime: "2026-11-23T09:15:00.1234567Z",
  dataVersion: "1",
};
const cloudEvent = { specversion: "1.0", id: "e-1", type: "Alert", source: "/s", time: "2026-11-23T09:15:00Z" };
const deadLetter = { deadLetterReason: "MaxDeliveryAttemptsExceeded", publishTime: "2026-11-23T09:16:00Z" };
/** As Event Grid writes CloudEvents to a dead-letter container: no `specversion`, no `time`, names in lower case. */
const deadCloudEvent = {
  id: "e-1",
  type: "Alert",
  source: "/s",
  datacontenttype: "application/json",
  deadletterreason: "MaxDeliveryAttemptsExceeded",
  publishtime: "2026-11-23T09:16:00.5Z",
};

const base64 = (text: string) => Buffer.from(text).toString("base64");

it.each([
  ["an Event Grid event", { ...eventGrid, data: payload }, "2026-11-23T09:15:00.123Z"],
  ["a CloudEvent", { ...cloudEvent, data: payload }, "2026-11-23T09:15:00.000Z"],
  ["data that was serialised twice", { ...eventGrid, data: JSON.stringify(payload) }, "2026-11-23T09:15:00.123Z"],
  [
    "data with a byte order mark",
    { ...eventGrid, data: `\uFEFF${JSON.stringify(payload)}` },
    "2026-11-23T09:15:00.123Z",
  ],
  ["data in base64", { ...cloudEvent, data_base64: base64(JSON.stringify(payload)) }, "2026-11-23T09:15:00.000Z"],
  ["a dead-lettered Event Grid event", { ...eventGrid, ...deadLetter, data: payload }, "2026-11-23T09:15:00.123Z"],
  ["a dead-lettered CloudEvent", { ...deadCloudEvent, data: payload }, "2026-11-23T09:16:00.500Z"],
  ["an envelope without a time", { id: "e-1", data: payload }, undefined],
])("takes the payload out of %s", (_, event, publishedAt) => {
  expect(unwrap(event)).toEqual({ eventId: "e-1", publishedAt, payload });
});

it("goes by the time that the envelope's own schema names", () => {
  expect(unwrap({ ...eventGrid, time: "2020-01-01T00:00:00Z", data: payload })).toMatchObject({
    publishedAt: "2026-11-23T09:15:00.123Z",
  });
});

it.each([
  ["a list", [{ ...eventGrid, data: payload }]],
  ["text", "event"],
  ["nothing", undefined],
  ["null", null],
  ["an event without an id", { eventType: "Alert", data: payload }],
  ["an event whose id is a number", { ...eventGrid, id: 7, data: payload }],
  ["data that is no JSON", { ...eventGrid, data: "{" }],
  ["base64 of no JSON", { ...cloudEvent, data_base64: "////" }],
  ["two kinds of data at once", { ...cloudEvent, data: payload, data_base64: base64("{}") }],
])("refuses %s with a reason", (_, event) => {
  expect(unwrap(event)).toMatchObject({ refused: expect.stringMatching(/event|data/) });
});

it("passes on an event without data, which no family will know", () => {
  expect(unwrap(eventGrid)).toMatchObject({ eventId: "e-1", payload: undefined });
});

describe("a body that may be an event or a bare payload", () => {
  it.each([
    ["an Event Grid event", { ...eventGrid, data: payload }],
    ["a CloudEvent", { ...cloudEvent, data: payload }],
    ["a CloudEvent in base64", { ...cloudEvent, data_base64: "e30=" }],
    ["a CloudEvent without data", cloudEvent],
    ["a dead-lettered Event Grid event", { ...eventGrid, ...deadLetter, data: payload }],
    ["a dead-lettered CloudEvent", { ...deadCloudEvent, data: payload }],
  ])("is an event when it is %s", (_, body) => {
    expect(isEnvelope(body)).toBe(true);
  });

  it.each([
    [
      "an ARM resource",
      { id: "/subscriptions/…", name: "n", type: "Microsoft.Security/Locations/alerts", properties: {} },
    ],
    ["a Graph alert", { id: "da1_1", title: "t", evidence: [], serviceSource: "microsoft365Defender" }],
    ["a list of Cloud Apps", { data: [payload], hasNext: false, total: 1 }],
    ["an object with data and an id", { id: "1", data: payload }],
    ["an object with a type and a source", { id: "1", type: "t", source: "s", data: payload }],
    ["text", "{}"],
    ["a list", [{ ...cloudEvent }]],
    ["null", null],
  ])("is a payload when it is %s", (_, body) => {
    expect(isEnvelope(body)).toBe(false);
  });

  it("gives its one event", () => {
    expect(unwrapAll({ ...cloudEvent, data: payload })).toEqual([unwrap({ ...cloudEvent, data: payload })]);
  });

  it("gives every event of a batch, and says which could not be unwrapped", () => {
    const batch = [
      { ...eventGrid, id: "e-1", data: payload },
      { ...eventGrid, id: "e-2", data: "{" },
      { ...cloudEvent, id: "e-3", data: payload },
    ];

    expect(unwrapAll(batch)).toEqual([
      expect.objectContaining({ eventId: "e-1", payload }),
      { eventId: "e-2", refused: "data is text that is not JSON" },
      expect.objectContaining({ eventId: "e-3", payload }),
    ]);
  });

  it("reads a batch that came as text", () => {
    expect(unwrapAll(JSON.stringify([{ ...cloudEvent, data: payload }]))).toMatchObject([{ eventId: "e-1", payload }]);
  });

  it("gives a bare payload an id of its own, the same when it is sent again with its keys in another order", () => {
    const [first] = unwrapAll({ a: 1, b: { c: [1, { d: 2 }], e: null } });
    const [again] = unwrapAll({ b: { e: null, c: [1, { d: 2 }] }, a: 1 });
    const [other] = unwrapAll({ a: 1, b: { c: [1, { d: 3 }], e: null } });

    expect(first).toMatchObject({ eventId: expect.stringMatching(/^body-[0-9a-f]{32}-0$/), publishedAt: undefined });
    expect(again).toMatchObject({ eventId: first && "eventId" in first ? first.eventId : "" });
    expect(other).not.toMatchObject({ eventId: first && "eventId" in first ? first.eventId : "" });
  });

  it("tells equal payloads of one list apart by their place", () => {
    const ids = unwrapAll([payload, payload]).map((event) => event.eventId);

    expect(ids.map((id) => id?.slice(-2))).toEqual(["-0", "-1"]);
    expect(new Set(ids).size).toBe(2);
  });

  it("passes on text that is no JSON and an empty list, to be refused or ignored as payloads", () => {
    expect(unwrapAll("hello")).toMatchObject([{ payload: "hello" }]);
    expect(unwrapAll([])).toMatchObject([{ payload: [] }]);
  });

  it("takes 5000 events and refuses the rest in one line", () => {
    const events = unwrapAll(Array.from({ length: 5003 }, (_, index) => ({ ...cloudEvent, id: `e-${index}` })));

    expect(events).toHaveLength(5001);
    expect(events.at(-1)).toEqual({ refused: "more than 5000 events in one body; the other 3 were not read" });
  });

  it("survives a payload of ten thousand lists inside each other", () => {
    const deep: unknown = JSON.parse(`${"[".repeat(10_000)}1${"]".repeat(10_000)}`);

    expect(unwrapAll({ deep })).toMatchObject([{ eventId: expect.stringMatching(/^body-/) }]);
  });
});
