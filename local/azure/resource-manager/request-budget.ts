import type { Clock } from "../../../shared/clock.ts";

type Kind = "reads" | "writes" | "deletes";

/**
 * The published token buckets of a subscription, per principal (Azure docs, request-limits-and-throttling): size and refill a second.
 * They are reported in headers and never enforced: throttling is switched on as a fault, so that it happens when a test means it.
 */
const buckets = {
  reads: { size: 250, refill: 25 },
  writes: { size: 200, refill: 10 },
  deletes: { size: 200, refill: 10 },
} as const;

export interface RequestBudget {
  /** Takes one token and returns the header to send. */
  spend(method: string): Record<string, string>;
}

export function createRequestBudget(clock: Clock): RequestBudget {
  const levels = new Map<Kind, { level: number; at: number }>();
  return {
    spend(method) {
      const kind = kindOf(method);
      const { size, refill } = buckets[kind];
      const now = clock.now().getTime();
      const last = levels.get(kind) ?? { level: size, at: now };
      const level = Math.max(0, Math.min(size, last.level + ((now - last.at) / 1000) * refill) - 1);
      levels.set(kind, { level, at: now });
      return { [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(Math.floor(level)) };
    },
  };
}

function kindOf(method: string): Kind {
  if (method === "GET" || method === "HEAD") return "reads";
  return method === "DELETE" ? "deletes" : "writes";
}
