import type { AzureError } from "../azure/azure-error.ts";

/** Why a turn ends early: what the other one wrote is not overwritten. */
export const overtaken = "another turn was at work at the same time";

/** Of a 429 that names no time, as Graph's sometimes and those of Defender for Cloud Apps always do. */
const unnamedWaitMs = 60_000;

/** From when on the source may be asked again; undefined when it did not ask to wait. */
export function waitUntil(refusal: AzureError, now: number, longestWaitMs: number): number | undefined {
  const wait = refusal.retryAfterMs ?? (refusal.status === 429 ? unnamedWaitMs : 0);
  return wait > 0 ? now + Math.min(wait, longestWaitMs) : undefined;
}

/** Why nothing is asked yet, if so. A wait longer than the longest comes of a clock that was put back, and is over. */
export function stillWaiting(notBefore: number | undefined, now: number, longestWaitMs: number): string | undefined {
  if (notBefore === undefined || now >= notBefore || notBefore - now > longestWaitMs) return undefined;
  return `asked to wait until ${new Date(notBefore).toISOString()}`;
}
