import type { Clock } from "../clock.ts";
import type { Ask, AzureRequest } from "./ask.ts";
import { AzureError } from "./azure-error.ts";

interface Limit {
  /** The calls that share it; undefined for a call that it does not count. */
  of(request: AzureRequest): string | undefined;
  calls: number;
  ms: number;
}

const minute = 60_000;

/**
 * What the services are known to allow. Whoever runs into them is throttled for longer, and Identity Protection does not even say for how
 * long: so nobody does.
 */
const knownLimits: readonly Limit[] = [
  // One request a second for all applications of a tenant: https://learn.microsoft.com/graph/throttling-limits
  // A little more than the second, for calls do not all take the same time to get there.
  { of: graph("/v1.0/identityProtection/"), calls: 1, ms: 1_250 },
  { of: graph("/v1.0/security/"), calls: 150, ms: minute },
  // Of each kind of call by itself: https://learn.microsoft.com/defender-endpoint/api/run-live-response
  { of: endpointCall, calls: 100, ms: minute },
  { of: endpointCall, calls: 1_500, ms: 60 * minute },
  // 30 for everybody who calls, the poller among them: https://learn.microsoft.com/defender-cloud-apps/api-introduction
  { of: ({ service }) => (service === "cloud-apps" ? service : undefined), calls: 20, ms: minute },
  // Buckets of a subscription, for each application: 250 reads, and 25 more a second; 200 writes and 200 deletions, and 10 more a second.
  // https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
  { of: resourceManager("GET"), calls: 250, ms: 10_000 },
  { of: resourceManager("PUT", "PATCH", "POST"), calls: 200, ms: 20_000 },
  { of: resourceManager("DELETE"), calls: 200, ms: 20_000 },
];

/** So long a call waits in place; beyond that its caller is told when to come again. */
const worthWaitingMs = 2_000;

/**
 * Sends no more than the limits allow: a call too many waits a moment, or throws what the service itself would answer, with the time after
 * which there is room. Counts what this process sends; the single writer of a tenant's point mostly is one process.
 */
export function limitCalls(ask: Ask, clock: Clock, limits: readonly Limit[] = knownLimits): Ask {
  const made = new Map<string, number[]>();

  function waitOf(request: AzureRequest): number {
    const now = clock.now().getTime();
    const waits = limits.map(({ of, calls, ms }, index) => {
      const key = keyOf(index, of(request));
      const recent = (made.get(key) ?? []).filter((at) => at > now - ms);
      made.set(key, recent);
      const mustLeave = recent.at(-calls);
      return mustLeave === undefined ? 0 : mustLeave + ms - now;
    });
    return Math.max(0, ...waits);
  }

  return async (request) => {
    for (let wait = waitOf(request); wait > 0; wait = waitOf(request)) {
      if (wait > worthWaitingMs) {
        const message = "the number of calls that the service allows is reached; it is asked again when there is room";
        throw new AzureError(request.attempt, { status: 429, code: "KnownLimit", message, retryAfterMs: wait });
      }
      await clock.sleep(wait);
    }
    const now = clock.now().getTime();
    for (const [index, { of }] of limits.entries()) {
      const kind = of(request);
      if (kind !== undefined) made.get(keyOf(index, kind))?.push(now);
    }
    return ask(request);
  };
}

function keyOf(index: number, kind: string | undefined): string {
  return `${index} ${kind ?? ""}`;
}

function graph(prefix: string): Limit["of"] {
  return ({ service, path }) => (service === "graph" && path.startsWith(prefix) ? prefix : undefined);
}

/** The subscription that a call of these methods counts for. */
function resourceManager(...methods: readonly string[]): Limit["of"] {
  return ({ service, method, path }) =>
    service === "resource-manager" && methods.includes(method)
      ? /^\/subscriptions\/[^/?]+/i.exec(path)?.[0].toLowerCase()
      : undefined;
}

/** Method and path without what differs from call to call. */
function endpointCall({ service, method, path }: AzureRequest): string | undefined {
  if (service !== "endpoint") return undefined;
  const [route = ""] = path.split("?");
  return `${method} ${route.replaceAll(/\/(?=[^/]*\d)[^/]+/g, "/{id}")}`;
}
