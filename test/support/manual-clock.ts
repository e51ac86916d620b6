import type { Clock } from "../../shared/clock.ts";

export interface ManualClock extends Clock {
  /** Moves the time and ends the waits that are over by then, earliest first. */
  advance(ms: number): Promise<void>;
  /** When each wait under way ends, in milliseconds from now, sorted. */
  waits(): number[];
}

/** A clock that stands still until it is moved. */
export function createManualClock(start = "2026-01-01T00:00:00.000Z"): ManualClock {
  let now = Date.parse(start);
  const sleepers = new Set<{ until: number; wake: () => void }>();

  return {
    now: () => new Date(now),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper = { until: now + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", () => {
          sleepers.delete(sleeper);
          resolve();
        });
      }),
    waits: () => [...sleepers].map(({ until }) => until - now).sort((left, right) => left - right),
    async advance(ms) {
      const target = now + ms;
      for (;;) {
        const [next] = [...sleepers]
          .filter(({ until }) => until <= target)
          .sort((left, right) => left.until - right.until);
        if (!next) break;
        now = Math.max(now, next.until);
        sleepers.delete(next);
        next.wake();
        await new Promise((resolve) => setImmediate(resolve));
      }
      now = target;
    },
  };
}
