/** Longest renewal period that rate-limit-by-key takes. https://learn.microsoft.com/azure/api-management/rate-limit-by-key-policy */
export const longestRenewalSeconds = 300;

interface RateVerdict {
  allowed: boolean;
  remaining: number;
  /** Whole seconds until a call is taken again; 0 when this one was. */
  retryAfterSeconds: number;
}

export interface RateCounters {
  /** Counts a call under `key` if fewer than `calls` were counted in the last `seconds`. */
  hit(key: string, calls: number, seconds: number, now: Date): RateVerdict;
}

const sweepAbove = 10_000;

/**
 * One counter per key, whichever policy or scope asks: a surprise of the real gateway that policies rely on
 * (https://github.com/MicrosoftDocs/azure-docs/issues/95252). The window slides, as on the classic tiers.
 * A call refused here is not counted, so that `Retry-After` holds for a client that obeys it.
 */
export function createRateCounters(): RateCounters {
  const times = new Map<string, number[]>();

  const sweep = (since: number) => {
    for (const [key, hits] of times) if ((hits.at(-1) ?? 0) <= since) times.delete(key);
  };

  return {
    hit(key, calls, seconds, now) {
      const at = now.getTime();
      const oldest = at - longestRenewalSeconds * 1000;
      if (times.size > sweepAbove) sweep(oldest);
      const kept = (times.get(key) ?? []).filter((time) => time > oldest);
      const inWindow = kept.filter((time) => time > at - seconds * 1000);

      const freesUpAt = inWindow[inWindow.length - calls];
      const allowed = freesUpAt === undefined;
      times.set(key, allowed ? [...kept, at] : kept);
      return {
        allowed,
        remaining: allowed ? calls - inWindow.length - 1 : 0,
        retryAfterSeconds: allowed ? 0 : Math.max(1, Math.ceil((freesUpAt + seconds * 1000 - at) / 1000)),
      };
    },
  };
}
