import fc from "fast-check";
import { expect, it } from "vitest";
import { spreadRetry } from "../../../shared/reconcile/spread-retry.ts";

it("never comes back before it was told to, nor much later", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3_600_000 }), fc.string(), (ms, key) => {
      const wait = spreadRetry(ms, key);
      expect(wait).toBeGreaterThanOrEqual(ms);
      expect(wait).toBeLessThanOrEqual(Math.round(ms * 1.2));
    }),
  );
});

it("has points come back at different moments, and those who wait for one at the same", () => {
  const waits = Array.from({ length: 20 }, (_, index) => spreadRetry(60_000, `apim-fragment|service-${index}`));
  expect(new Set(waits).size).toBeGreaterThan(15);
  expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(5_000);
  expect(spreadRetry(60_000, "one")).toBe(spreadRetry(60_000, "one"));
});
