import { familyOf, type PayloadFamily } from "./families/families.ts";
import { isObject, type Json } from "./fields.ts";
import type { Reading } from "./reading.ts";
import { type Payload, undoWrappers } from "./wrappers.ts";

export interface ReadPayload {
  /** Where in what arrived this payload stood: `value[3]`, or nothing for the whole of it. */
  at: string;
  /** Name of the family that read it; `unknown` where none did. */
  family: string;
  payload: unknown;
  reading: Reading;
}

/** Everything that one arrived body holds, each payload read or refused with the reason. Never throws. */
export function readAll(body: unknown): ReadPayload[] {
  const read: ReadPayload[] = [];
  for (const found of undoWrappers(body, familyOf)) {
    const { at } = found;
    const family = "family" in found ? found.family.name : "unknown";
    const payload = "payload" in found ? found.payload : undefined;
    for (const reading of readingsOf(found)) read.push({ at, family, payload, reading });
  }
  return read;
}

/** For callers that hand in one alert: the only reading of the body, or why there is not exactly one. */
export function readAlert(body: unknown): Reading {
  const [first, ...others] = readAll(body);
  if (!first) return { refused: "there is no alert in it" };
  if (others.length > 0) return { refused: `it holds ${others.length + 1} alerts where one is expected` };
  return first.reading;
}

function readingsOf(found: Payload<PayloadFamily>): readonly Reading[] {
  if ("refused" in found) return [{ refused: found.refused }];
  if ("ignored" in found) return [{ ignored: found.ignored }];
  if ("family" in found) return readBy(found.family, found.payload, found.at);
  return [notRead(found.payload)];
}

function readBy({ name, read }: PayloadFamily, payload: Json, at: string): readonly Reading[] {
  try {
    const readings = read(payload, at);
    if (!Array.isArray(readings)) return [readings];
    return readings.length > 0 ? readings : [{ refused: `there is no alert in this ${name}` }];
  } catch (error) {
    // A payload that the reader was not made for must not take its neighbours with it.
    const reason = error instanceof Error ? printable(error.message, 200) : "unknown error";
    return [{ refused: `reading it as ${name} failed: ${reason}`, unknownShape: true }];
  }
}

function notRead(payload: unknown): Reading {
  if (payload === null || payload === undefined) return { refused: "the payload is empty, not an object" };
  if (!isObject(payload)) return { refused: `the payload is a ${typeof payload}, not an object` };
  const names = Object.keys(payload).slice(0, 12);
  const fields = names.map((name) => printable(name, 40)).join(", ") || "(none)";
  return { refused: `no known alert family has these fields: ${fields}`, unknownShape: true };
}

/** Outside text with nothing in it that could stand for more than itself in a log line. */
function printable(outside: string, limit: number): string {
  return outside.slice(0, limit).replaceAll(/[^\w.@ -]/g, "?");
}
