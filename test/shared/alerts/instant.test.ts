import * as fc from "fast-check";
import { expect, it } from "vitest";
import { readInstant } from "../../../shared/alerts/instant.ts";

const year = { min: new Date("0002-01-01T00:00:00Z"), max: new Date("9998-12-31T23:59:59Z"), noInvalidDate: true };

it("reads every spelling of a time as the time that it is", async () => {
  const zones: [string, number][] = [
    ["Z", 0],
    ["", 0],
    ["+00:00", 0],
    ["+01:00", 1],
    ["-0500", -5],
  ];
  await fc.assert(
    fc.property(
      fc.date(year),
      fc.constantFrom(...zones),
      fc.nat(7),
      fc.constantFrom("T", " "),
      (date, zone, more, by) => {
        const [name, hours] = zone;
        const local = new Date(date.getTime() + hours * 3_600_000).toISOString();
        const fraction = local.slice(20, 23) + "1234567".slice(0, Math.min(more, 6));
        const raw = `${local.slice(0, 10)}${by}${local.slice(11, 19)}.${fraction}${name}`;

        expect(readInstant(raw)).toBe(date.toISOString());
      },
    ),
  );
});

it.each([
  ["2026-11-23T09:15:00Z", "2026-11-23T09:15:00.000Z"],
  ["2026-11-23T09:15:00.5Z", "2026-11-23T09:15:00.500Z"],
  ["2026-11-30 09:15:00", "2026-11-30T09:15:00.000Z"],
  [" 2028-02-29T09:15:00.1234567Z ", "2028-02-29T09:15:00.123Z"],
])("reads %s as %s", (raw, instant) => {
  expect(readInstant(raw)).toBe(instant);
});

it.each([
  "",
  "now",
  "0001-01-01T00:00:00",
  "0001-01-01T00:00:00Z",
  "0000-05-05T00:00:00Z",
  "2026-13-01T00:00:00Z",
  "2026-11-32T00:00:00Z",
  "2026-11-23T25:00:00Z",
  "2026-11-23T09:60:00Z",
  "2026-11-23",
  "11/23/2026 09:15:00",
  "9999-12-31T23:59:59-01:00",
])("%s is no time", (raw) => {
  expect(readInstant(raw)).toBeUndefined();
});
