import { expect, it } from "vitest";
import { Duration, milliseconds } from "../../shared/duration.ts";

it.each([
  ["PT4H", 14_400_000],
  ["PT30M", 1_800_000],
  ["PT90S", 90_000],
  ["P1D", 86_400_000],
  ["P7D", 604_800_000],
  ["P1DT1H1M1S", 90_061_000],
])("%s lasts %i ms", (duration, expected) => {
  expect(milliseconds(duration)).toBe(expected);
});

it.each([
  "",
  "P",
  "PT",
  "P1DT",
  "4H",
  "PT4",
  "P1M",
  "P1Y",
  "P1W",
  "-PT1H",
  "PT1.5H",
  "pt1h",
  " PT1H",
  "PT1H\n",
  "PT1M1H",
  "PT0S",
  "P0DT00H",
])("%j is no duration that says when a block ends", (duration) => {
  expect(Duration.safeParse(duration).success).toBe(false);
  expect(() => milliseconds(duration)).toThrow();
});
