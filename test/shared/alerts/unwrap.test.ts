import { expect, it } from "vitest";
import { unwrap } from "../../../shared/alerts/unwrap.ts";

const payload = { SystemAlertId: "1", note: "ü €" };
const eventGrid = {
  id: "e-1",
  eventType: "Alert",
  subject: "s",
  eventTime: "2026-11-23T09:15:00.1234567Z",
  dataVersion: "1",
};
const cloudEvent = { specversion: "1.0", id: "e-1", type: "Alert", source: "/s", time: "2026-11-23T09:15:00Z" };

it.each([
  ["an Event Grid event", { ...eventGrid, data: payload }, "2026-11-23T09:15:00.123Z"],
  ["a CloudEvent", { ...cloudEvent, data: payload }, "2026-11-23T09:15:00.000Z"],
  ["data that was serialised twice", { ...eventGrid, data: JSON.stringify(payload) }, "2026-11-23T09:15:00.123Z"],
  [
    "data in base64",
    { ...cloudEvent, data_base64: Buffer.from(JSON.stringify(payload)).toString("base64") },
    "2026-11-23T09:15:00.000Z",
  ],
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
])("refuses %s with a reason", (_, event) => {
  expect(unwrap(event)).toMatchObject({ refused: expect.stringMatching(/event|data/) });
});

it("passes on an event without data, which no family will know", () => {
  expect(unwrap(eventGrid)).toMatchObject({ eventId: "e-1", payload: undefined });
});
