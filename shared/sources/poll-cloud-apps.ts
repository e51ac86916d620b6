import * as z from "zod";
import { AzureError } from "../azure/azure-error.ts";
import type { CloudApps } from "../azure/cloud-apps.ts";
import type { Clock } from "../clock.ts";
import { overtaken, stillWaiting, waitUntil } from "./early-end.ts";
import { Scan, type ScanBy, scan } from "./scan-cloud-apps.ts";
import type { Watermarks } from "./watermark.ts";

interface CloudAppsLimits {
  /** The tenant has 30 for everybody who calls; the others are theirs. */
  requestsPerMinute: number;
  /** What one turn takes at most, so that the backlog of an outage does not start a thousand runs at once. */
  alertsPerTurn: number;
  /**
   * How late an alert, or its closing, may come into sight and how far this machine's clock may be ahead of the service's, the two taken
   * together. What exceeds the sum is not found.
   */
  overlapMs: number;
  /** How far back the very first turn looks. */
  firstLookBackMs: number;
  /** What the service may ask to wait at most. */
  longestWaitMs: number;
}

const minute = 60_000;

const cloudAppsLimits: CloudAppsLimits = {
  requestsPerMinute: 20,
  alertsPerTurn: 200,
  overlapMs: 30 * minute,
  firstLookBackMs: 60 * minute,
  longestWaitMs: 15 * minute,
};

export interface CloudAppsPoller {
  cloudApps: Pick<CloudApps, "alerts">;
  watermarks: Watermarks;
  /** May be given an alert again after a crash, or by two turns at once. What it throws ends the turn. */
  take(alerts: readonly unknown[]): Promise<void>;
  clock: Clock;
  limits?: Partial<CloudAppsLimits>;
}

export interface CloudAppsReport {
  taken: number;
  requests: number;
  /** Everything that was raised before has been taken, but for what comes into sight late. */
  watermark: string;
  /** Why the turn ended before it had caught up. */
  stoppedBy?: string;
}

const source = "cloud-apps-alerts";

const Mark = z.object({
  raised: Scan,
  closed: Scan,
  /** Requests of the last minute, each turn's together. That of a turn at work is all that it may make. */
  spent: z.array(z.object({ at: z.number(), requests: z.number() })),
  /** When the service may be asked again, if it throttled. */
  notBefore: z.number().optional(),
});
type Mark = z.infer<typeof Mark>;

/**
 * One turn of reading the alerts of Defender for Cloud Apps, oldest first. Ends early, and keeps its place, when the service throttles or
 * fails for now; throws when asking again cannot help (no permission).
 *
 * The API can be asked when an alert was raised and when it was closed, and not when it changed
 * (https://learn.microsoft.com/defender-cloud-apps/api-alerts#filters). So there are two searches: closings are found however old the
 * alert is. That one was opened again, or that its severity or entities changed, is not.
 */
export async function pollCloudApps(poller: CloudAppsPoller): Promise<CloudAppsReport> {
  const { cloudApps, watermarks, clock } = poller;
  const limits = { ...cloudAppsLimits, ...poller.limits };
  const nowMs = () => clock.now().getTime();
  const begun = nowMs();
  const stored = await watermarks.read(source);
  const mark = stored ? Mark.parse(stored.state) : firstMark(begun, limits);
  let etag = stored?.etag;
  let taken = 0;

  mark.spent = mark.spent.filter(({ at }) => at > begun - minute && at <= begun);
  const allowed = limits.requestsPerMinute - mark.spent.reduce((sum, { requests }) => sum + requests, 0);
  const left = { requests: allowed, alerts: limits.alertsPerTurn };
  const reserved = { requests: Math.min(2, allowed - 1), alerts: Math.floor(limits.alertsPerTurn / 10) };

  const report = (stoppedBy?: string): CloudAppsReport => ({
    taken,
    requests: allowed - left.requests,
    watermark: new Date(mark.raised.window?.raisedFrom ?? mark.raised.window?.from ?? mark.raised.upTo).toISOString(),
    ...(stoppedBy === undefined ? {} : { stoppedBy }),
  });

  /** False once another turn has written, and from then on: what that turn wrote is not overwritten. */
  async function keep(requests: number): Promise<boolean> {
    const spent = [...mark.spent, { at: nowMs(), requests }];
    etag = await watermarks.save(source, { ...mark, spent }, etag);
    return etag !== undefined;
  }

  const waiting = stillWaiting(mark.notBefore, begun, limits.longestWaitMs);
  if (waiting !== undefined) return report(waiting);
  if (allowed < 1) return report("the requests of this minute are used up");
  // All that the turn may spend is written down first: another one beside it, or after its crash, knows what is left.
  if (!(await keep(allowed))) return report(overtaken);

  const search = (by: ScanBy, own: Scan, other: Scan, kept = { requests: 0, alerts: 0 }) => {
    const known = new Map(other.seen);
    return scan(by, own, left, kept, {
      cloudApps,
      async take(alerts) {
        await poller.take(alerts);
        taken += alerts.length;
      },
      known: (version) => known.has(version),
      keep: () => keep(allowed),
      now: begun,
      overlapMs: limits.overlapMs,
    });
  };

  try {
    // What is new comes first, but a flood of it does not keep closings waiting.
    const raised = await search("date", mark.raised, mark.closed, reserved);
    if (raised === overtaken) return report(overtaken);
    const closed = await search("resolutionDate", mark.closed, mark.raised);
    if (closed === overtaken || !(await keep(allowed - left.requests))) return report(overtaken);
    return report(raised ?? closed);
  } catch (error) {
    const isPassing = error instanceof AzureError && error.transient;
    if (isPassing) mark.notBefore = waitUntil(error, nowMs(), limits.longestWaitMs) ?? mark.notBefore;
    // What was taken stays taken. That keeping it fails too must not hide why the turn ended.
    const kept = await keep(allowed - left.requests).catch(() => false);
    if (!isPassing) throw error;
    return report(kept ? error.message : overtaken);
  }
}

function firstMark(now: number, { firstLookBackMs, overlapMs }: CloudAppsLimits): Mark {
  const begin = (): Scan => ({ upTo: now - firstLookBackMs + overlapMs, seen: [] });
  return { raised: begin(), closed: begin(), spent: [] };
}
