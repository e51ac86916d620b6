import { createHash } from "node:crypto";
import * as z from "zod";
import type { Json } from "../alerts/fields.ts";
import { AzureError } from "../azure/azure-error.ts";
import type { Graph } from "../azure/graph.ts";
import type { Clock } from "../clock.ts";
import { type AlertWindow, type PageSizes, type RequestBudget, readAlertWindow, updatedAt } from "./alert-window.ts";
import { overtaken, stillWaiting, waitUntil } from "./early-end.ts";
import type { Watermarks } from "./watermark.ts";

const Mark = z.object({
  /** Everything older has been taken, for good. Milliseconds since 1970. */
  at: z.number(),
  /** What is not older and was taken all the same: a digest of the alert's id and time, and the time. */
  seen: z.array(z.tuple([z.string(), z.number()])),
  /** When Graph may be asked again, if it asked to wait. */
  notBefore: z.number().optional(),
});
type Mark = z.infer<typeof Mark>;

export interface PollLimits extends PageSizes {
  /** How far back the very first turn looks. */
  firstLookBackMs: number;
  /**
   * How late an alert may appear in the list after the time that it carries. Graph promises nothing here: products stamp their
   * alerts themselves, and a replica of the list may lag. Later than that, it is not found.
   */
  overlapMs: number;
  /** What one turn takes at most, so that the backlog of an outage does not start a thousand runs at once. */
  alertsPerTurn: number;
  /** After so many the watermark is written down. */
  alertsPerTake: number;
  /** Of 150 a minute that Graph grants an app for everything below /security. */
  requestsPerTurn: number;
  /** What the source may ask to wait at most; a longer wait is a clock that was put back, or nonsense. */
  longestWaitMs: number;
}

export const pollLimits: PollLimits = {
  firstLookBackMs: 60 * 60_000,
  overlapMs: 15 * 60_000,
  alertsPerTurn: 200,
  alertsPerTake: 50,
  pageSize: 200,
  // https://learn.microsoft.com/graph/api/resources/security-error-codes#constraints
  largestPage: 1000,
  requestsPerTurn: 40,
  longestWaitMs: 15 * 60_000,
};

export interface GraphPoller {
  graph: Graph;
  watermarks: Watermarks;
  /** May be given an alert again after a crash, or by two turns at once. What it throws ends the turn. */
  take(alerts: readonly Json[]): Promise<void>;
  clock: Clock;
  limits?: Partial<PollLimits>;
}

export interface PollReport {
  taken: number;
  pages: number;
  /** Everything older has been taken for good. */
  watermark: string;
  /** Why the turn ended before it had caught up. */
  stoppedBy?: string;
  /** How old the oldest is that has not been looked at; absent when everything has. */
  behindBy?: number;
  /**
   * Instants of which there are more alerts than Graph lets anybody read: the turn has gone on, and the rest of them will not be taken.
   * Absent when there are none. Somebody must look them up in the portal.
   */
  lostAt?: string[];
}

const source = "graph-alerts";

/**
 * One turn: takes the alerts that were created or updated since the last one, oldest first. Ends early, and keeps its place, when
 * Graph throttles or fails for now; throws when asking again cannot help (no permission).
 */
export async function pollGraphAlerts(poller: GraphPoller): Promise<PollReport> {
  const { graph, watermarks, take, clock } = poller;
  const limits = { ...pollLimits, ...poller.limits };
  const begun = clock.now().getTime();
  const budget: RequestBudget = { pages: 0, most: limits.requestsPerTurn };
  const stored = await watermarks.read(source);
  let mark: Mark = stored ? Mark.parse(stored.state) : { at: begun - limits.firstLookBackMs, seen: [] };
  let etag = stored?.etag;
  let taken = 0;
  const lostAt: string[] = [];

  function report(stoppedBy?: string, behindBy?: number): PollReport {
    return {
      taken,
      pages: budget.pages,
      watermark: new Date(mark.at).toISOString(),
      ...(stoppedBy === undefined ? {} : { stoppedBy }),
      ...(behindBy === undefined ? {} : { behindBy: Math.max(0, behindBy) }),
      ...(lostAt.length > 0 ? { lostAt } : {}),
    };
  }

  async function keep(moved: Mark): Promise<boolean> {
    const saved = await watermarks.save(source, moved, etag);
    if (saved === undefined) return false;
    [mark, etag] = [moved, saved];
    return true;
  }

  // The beginning is kept before anything is asked: should the first turns fail, it does not move along with them.
  if (!stored && !(await keep(mark))) return report(overtaken);
  const waiting = stillWaiting(mark.notBefore, begun, limits.longestWaitMs);
  if (waiting !== undefined) return report(waiting, begun - mark.at);

  let next: { from: number; to: number | undefined } = { from: mark.at, to: undefined };
  for (;;) {
    let window: AlertWindow | undefined;
    try {
      window = await readAlertWindow(graph, next, limits, budget);
    } catch (error) {
      if (!(error instanceof AzureError && error.transient)) throw error;
      const now = clock.now().getTime();
      const notBefore = waitUntil(error, now, limits.longestWaitMs);
      if (notBefore !== undefined) await keep({ ...mark, notBefore });
      return report(error.message, now - next.from);
    }
    if (!window) return report("the requests of one turn are used up", clock.now().getTime() - next.from);

    const servedAt = window.servedAt ?? clock.now().getTime();
    const seen = new Map(mark.seen);
    const fresh = freshAlerts(window, seen);
    // Read page by page, a window is done with when another reading finds nothing new. So is one that has more than can be read: to
    // insist on it would stop the poller for good.
    const complete = window.read === "in one answer" || fresh.length === 0;
    if (complete && window.read === "as far as it goes") lostAt.push(new Date(window.from).toISOString());
    const room = fresh.slice(0, limits.alertsPerTurn - taken);
    for (let start = 0; start < Math.max(room.length, 1); start += limits.alertsPerTake) {
      const batch = room.slice(start, start + limits.alertsPerTake);
      if (batch.length > 0) await take(batch.map(({ alert }) => alert));
      taken += batch.length;
      for (const { digest, instant } of batch) seen.set(digest, instant);
      const left = fresh[start + batch.length]?.instant ?? window.to ?? Number.POSITIVE_INFINITY;
      const reached = complete ? left : window.from;
      const settled = Math.min(reached, servedAt - limits.overlapMs);
      if (!(await keep(advance(mark, seen, settled)))) return report(overtaken);
      next = { from: reached, to: window.to };
    }
    if (room.length < fresh.length) return report("the alerts of one turn are used up", servedAt - next.from);
    if (!complete) continue;
    if (window.to === undefined) return report();
    const to = window.to + following(window.to - window.from, window.alerts.length, limits.pageSize);
    next = { from: window.to, to: to < servedAt ? to : undefined };
  }
}

/** How wide a window fills three quarters of an answer, if alerts go on to come as in this one. */
function following(width: number, alerts: number, pageSize: number): number {
  return Math.ceil((width * 0.75 * pageSize) / (alerts + 1));
}

interface FreshAlert {
  alert: Json;
  instant: number;
  digest: string;
}

/** What was not taken yet, oldest first. An alert that was updated is another one: its time has changed. */
function freshAlerts({ alerts, from }: AlertWindow, seen: ReadonlyMap<string, number>): FreshAlert[] {
  const fresh = new Map<string, FreshAlert>();
  for (const alert of alerts) {
    const identity = typeof alert.id === "string" ? [alert.id, alert.lastUpdateDateTime] : alert;
    const digest = createHash("sha256").update(JSON.stringify(identity)).digest("base64url").slice(0, 20);
    if (!seen.has(digest)) fresh.set(digest, { alert, digest, instant: updatedAt(alert) ?? from });
  }
  return [...fresh.values()].sort((a, b) => a.instant - b.instant);
}

/** Never backwards, whatever the clocks say. */
function advance(mark: Mark, seen: ReadonlyMap<string, number>, settled: number): Mark {
  const at = Math.max(mark.at, settled);
  return { at, seen: [...seen].filter(([, instant]) => instant >= at) };
}
