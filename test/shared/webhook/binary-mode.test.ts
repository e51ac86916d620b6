import { expect, it } from "vitest";
import { unwrap } from "../../../shared/alerts/unwrap.ts";
import { fromBinaryMode } from "../../../shared/webhook/binary-mode.ts";

const headers = (given: Record<string, string>) => ({ header: (name: string) => given[name] });

it("puts a CloudEvent together whose attributes stand in headers", () => {
  const call = headers({
    "ce-specversion": "1.0",
    "ce-id": "event-1",
    "ce-source": "/s",
    "ce-type": "t",
    "ce-time": "2026-11-23T09:30:00Z",
  });

  expect(unwrap(fromBinaryMode(call, { a: 1 }))).toMatchObject({
    eventId: "event-1",
    publishedAt: "2026-11-23T09:30:00.000Z",
    payload: { a: 1 },
  });
});

it("leaves every other body as it is", () => {
  const body = { specversion: "1.0", id: "x", data: {} };

  expect(fromBinaryMode(headers({ "content-type": "application/cloudevents+json" }), body)).toBe(body);
});
