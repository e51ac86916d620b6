import type { Clock } from "../../../shared/clock.ts";

export interface CallLimit {
  calls: number;
  ms: number;
}

export interface Exceeded extends CallLimit {
  /** Until a call would be let through, if none comes before. */
  waitMs: number;
}

/**
 * Counts calls over the last so many milliseconds. A call that was refused counts like any other: who does not wait is
 * throttled for longer (https://learn.microsoft.com/defender-endpoint/api/common-errors#throttling).
 */
export interface CallQuota {
  /** Counts a call of that kind; says which limit it exceeds, if any. */
  spend(kind: string): Exceeded | undefined;
}

export function createCallQuota(clock: Clock, limits: readonly CallLimit[]): CallQuota {
  const calls = new Map<string, number[]>();
  const longest = Math.max(...limits.map(({ ms }) => ms));
  return {
    spend(kind) {
      const now = clock.now().getTime();
      const made = (calls.get(kind) ?? []).filter((at) => at > now - longest);
      const exceeded = limits.flatMap((limit) => {
        const recent = made.filter((at) => at > now - limit.ms);
        const mustLeave = recent.at(-limit.calls);
        return mustLeave === undefined ? [] : [{ ...limit, waitMs: mustLeave + limit.ms - now }];
      });
      calls.set(kind, [...made, now]);
      return exceeded.sort((a, b) => b.waitMs - a.waitMs)[0];
    },
  };
}
