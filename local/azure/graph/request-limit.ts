import type { Clock } from "../../../shared/clock.ts";
import { GraphFailure } from "./graph-failure.ts";

/** https://learn.microsoft.com/graph/throttling-limits#security-detections-and-incidents-service-limits */
const security = { requests: 150, ms: 60_000, saysWhen: true };

/** One request a second for the whole tenant, and a 429 without Retry-After: the same page, Identity Protection. */
const identityProtection = { requests: 1, ms: 1000, saysWhen: false };

/** Throws Graph's 429 once the requests of the time are used up. Directory limits are far beyond a test and not played. */
export function createRequestLimit(clock: Clock): (path: string, app: string) => void {
  const served = new Map<string, number[]>();

  function spend(whose: string, limit: typeof security): void {
    const now = clock.now().getTime();
    const recent = (served.get(whose) ?? []).filter((at) => at > now - limit.ms);
    served.set(whose, recent);
    const [oldest] = recent;
    if (oldest !== undefined && recent.length >= limit.requests) {
      const seconds = Math.ceil((oldest + limit.ms - now) / 1000);
      const headers: Record<string, string> = limit.saysWhen ? { "retry-after": `${seconds}` } : {};
      throw new GraphFailure(429, "TooManyRequests", "Too many requests.", headers);
    }
    recent.push(now);
  }

  return (path, app) => {
    const area = path.split("/")[1]?.toLowerCase();
    if (area === "security") spend(`the security requests of ${app}`, security);
    if (area === "identityprotection") spend("the tenant's requests to Identity Protection", identityProtection);
  };
}
