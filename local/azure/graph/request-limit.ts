import type { Clock } from "../../../shared/clock.ts";
import { GraphFailure } from "./graph-failure.ts";

const minute = 60_000;

/** https://learn.microsoft.com/graph/throttling-limits#security-detections-and-incidents-service-limits: per app and tenant. */
const securityRequests = 150;

/** Throws Graph's 429 once an app has had its requests of the minute. Directory limits are far beyond a test and not played. */
export function createRequestLimit(clock: Clock): (app: string) => void {
  const served = new Map<string, number[]>();
  return (app) => {
    const now = clock.now().getTime();
    const recent = (served.get(app) ?? []).filter((at) => at > now - minute);
    served.set(app, recent);
    const [oldest] = recent;
    if (oldest !== undefined && recent.length >= securityRequests) {
      const seconds = Math.ceil((oldest + minute - now) / 1000);
      throw new GraphFailure(429, "TooManyRequests", "Too many requests.", { "retry-after": `${seconds}` });
    }
    recent.push(now);
  };
}
