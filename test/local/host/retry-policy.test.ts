import { expect, test } from "vitest";
import { readRetryPolicy } from "../../../local/host/retry-policy.ts";

const backoff = (minimum: number, maximum: number) => ({
  retryStrategy: "exponentialBackoff",
  maxRetryCount: -1,
  minimumInterval: { seconds: minimum },
  maximumInterval: { seconds: maximum },
});

test("exponential back-off begins with the minimum, grows by twice as much each time, and stays at the maximum", () => {
  const { delayMs } = readRetryPolicy(backoff(2, 60));
  const delays = (random: number) => [1, 2, 3, 4, 5, 6, 7, 50].map((retry) => delayMs(retry, () => random) / 1000);

  expect(delays(0.5)).toEqual([2, 4, 6, 10, 18, 34, 60, 60]);
  expect(delays(0)).toEqual([2, 3.6, 5.2, 8.4, 14.8, 27.6, 53.2, 60]);
});

test("a fixed delay stays the same", () => {
  const { delayMs, maxRetryCount } = readRetryPolicy({
    retryStrategy: "fixedDelay",
    maxRetryCount: 4,
    delayInterval: { seconds: 10 },
  });

  expect([maxRetryCount, delayMs(1, Math.random), delayMs(9, Math.random)]).toEqual([4, 10_000, 10_000]);
});

test.each([
  { ...backoff(60, 2) },
  { ...backoff(1, 2), maxRetryCount: -2 },
  { retryStrategy: "fixedDelay", maxRetryCount: 1 },
  { retryStrategy: "linear", maxRetryCount: 1 },
])("what the Functions host would not take is refused: %j", (options) => {
  expect(() => readRetryPolicy(options)).toThrow();
});
