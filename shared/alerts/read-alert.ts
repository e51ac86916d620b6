import { families } from "./families/families.ts";
import { isObject, type Json } from "./fields.ts";
import { type Reading, refused } from "./reading.ts";
import { type Payload, undoWrappers } from "./wrappers.ts";

type Family = (typeof families)[number];

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
  return undoWrappers(body, familyOf).flatMap((found) => {
    const family = "family" in found && found.family ? found.family.name : "unknown";
    const payload = "payload" in found ? found.payload : undefined;
    return readOne(found).map((reading) => ({ at: found.at, family, payload, reading }));
  });
}

/** For callers that hand in one alert: the only reading of the body, or why there is not exactly one. */
export function readAlert(body: unknown): Reading {
  const [first, ...others] = readAll(body);
  if (!first) return refused("there is no alert in it");
  if (others.length > 0) return refused(`it holds ${others.length + 1} alerts where one is expected`);
  return first.reading;
}

function familyOf(payload: Json): Family | undefined {
  return families.find(({ matches }) => {
    try {
      return matches(payload);
    } catch {
      // A test that a strange payload breaks says no, and the other families are asked.
      return false;
    }
  });
}

function readOne(found: Payload<Family>): Reading[] {
  if ("refused" in found) return [refused(found.refused)];
  if ("ignored" in found) return [{ ignored: found.ignored }];
  const { at, payload, family } = found;
  if (!family) {
    return isObject(payload)
      ? [{ refused: `no known alert family has these fields: ${fieldNames(payload)}`, unknownShape: true }]
      : [refused(`the payload is ${describe(payload)}, not an object`)];
  }
  try {
    const readings = [family.read(payload, at === "" ? "" : `${at}.`)].flat();
    return readings.length > 0 ? readings : [refused(`there is no alert in this ${family.name}`)];
  } catch (error) {
    // A payload that the reader was not made for must not take its neighbours with it.
    const reason = error instanceof Error ? printable(error.message, 200) : "unknown error";
    return [{ refused: `reading it as ${family.name} failed: ${reason}`, unknownShape: true }];
  }
}

function describe(payload: unknown): string {
  if (payload === null || payload === undefined) return "empty";
  return `a ${typeof payload}`;
}

function fieldNames(payload: Json): string {
  const names = Object.keys(payload)
    .slice(0, 12)
    .map((name) => printable(name, 40));
  return names.length > 0 ? names.join(", ") : "(none)";
}

/** Outside text with nothing in it that could stand for more than itself in a log line. */
function printable(outside: string, limit: number): string {
  return outside.slice(0, limit).replaceAll(/[^\w.@ -]/g, "?");
}
