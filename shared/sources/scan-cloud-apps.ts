import { createHash } from "node:crypto";
import * as z from "zod";
import type { AlertFilters, CloudApps } from "../azure/cloud-apps.ts";
import { overtaken } from "./early-end.ts";

/** How far one search has come. */
export const Scan = z.object({
  /** Everything up to this moment was taken, but for what comes into sight late. */
  upTo: z.number(),
  /** The stretch of time that is being read. It stays the same however many turns it needs. */
  window: z
    .object({
      from: z.number(),
      to: z.number(),
      /** What was raised before this has been read; with `skip` of those raised from then on. */
      raisedFrom: z.number().optional(),
      skip: z.number(),
    })
    .optional(),
  /** What was read of the time that will be read again: the alert's version, and its place in that time. */
  seen: z.array(z.tuple([z.string(), z.number()])),
});
export type Scan = z.infer<typeof Scan>;
type Window = NonNullable<Scan["window"]>;

/** By when alerts were raised, or by when they were closed. */
export type ScanBy = "date" | "resolutionDate";

export interface Allowance {
  requests: number;
  alerts: number;
}

export interface ScanTools {
  cloudApps: Pick<CloudApps, "alerts">;
  take(alerts: readonly unknown[]): Promise<void>;
  /** What the other search has read: an alert that was closed lately is found by both. */
  known(version: string): boolean;
  /** Keeps how far the search has come; false when another turn did so meanwhile. */
  keep(): Promise<boolean>;
  now: number;
  overlapMs: number;
}

/** Of more than that the oldest are forgotten, and taken once more. Two times as many fit into a row of the ledger. */
const seenLimit = 10_000;

/**
 * Reads one stretch of time page by page, oldest first, and moves on behind what was taken, until the allowance is down to what is
 * reserved. Answers why it stopped, or undefined when it came to the end.
 *
 * The next page is found by the time of the last alert, not by counting, so that alerts which come and go meanwhile shift nothing.
 * Counting is for more than one page of alerts of the same millisecond.
 */
export async function scan(
  by: ScanBy,
  state: Scan,
  left: Allowance,
  reserved: Allowance,
  tools: ScanTools,
): Promise<string | undefined> {
  const window = state.window ?? openWindow(state, tools);
  state.window = window;
  const seen = new Map(state.seen);

  for (;;) {
    if (left.requests <= reserved.requests) return "the requests of this minute are used up";
    if (left.alerts <= reserved.alerts) return "the alerts of one turn are used up";
    left.requests -= 1;
    const { alerts, hasNext } = await tools.cloudApps.alerts({ filters: filtersOf(by, window), skip: window.skip });
    if (hasNext && alerts.length === 0) {
      throw new Error("could not list alerts of Defender for Cloud Apps: it says that there are more, and gives none");
    }
    const fresh = new Set(alerts.filter((alert) => !seen.has(versionOf(alert)) && !tools.known(versionOf(alert))));
    const batch = [...fresh].slice(0, left.alerts - reserved.alerts);
    if (batch.length > 0) await tools.take(batch);

    left.alerts -= batch.length;
    for (const alert of batch) fresh.delete(alert);
    for (const alert of alerts) if (!fresh.has(alert)) seen.set(versionOf(alert), placeOf(alert, by, window));
    const isAtEnd = fresh.size === 0 && !hasNext;
    if (isAtEnd) {
      state.upTo = window.to;
      delete state.window;
    } else if (fresh.size === 0) moveOn(window, alerts);
    state.seen = [...seen].slice(-seenLimit);
    if (isAtEnd) return undefined;
    if (batch.length > 0 && !(await tools.keep())) return overtaken;
  }
}

/** From here on only what lies within this stretch can be met again. */
function openWindow(state: Scan, { now, overlapMs }: ScanTools): Window {
  // A clock that was ahead for a while must not leave a stretch that nobody reads.
  const from = Math.min(state.upTo, now) - overlapMs;
  state.seen = state.seen.filter(([, place]) => place >= from);
  return { from, to: now, skip: 0 };
}

function filtersOf(by: ScanBy, { from, to, raisedFrom }: Window): AlertFilters {
  if (by === "date") return { date: { gte: raisedFrom ?? from, lte: to } };
  return { resolutionDate: { gte: from, lte: to }, ...(raisedFrom === undefined ? {} : { date: { gte: raisedFrom } }) };
}

function moveOn(window: Window, alerts: readonly unknown[]): void {
  const times = alerts.flatMap((alert) => raisedAt(alert) ?? []);
  const last = times.at(-1) ?? Number.NEGATIVE_INFINITY;
  // Should the service not sort as it was asked to, the last time says nothing.
  const isSorted = times.every((time, index) => time >= (times[index - 1] ?? time));
  if (isSorted && last > (window.raisedFrom ?? Number.NEGATIVE_INFINITY)) {
    window.raisedFrom = last;
    window.skip = 0;
  } else window.skip += alerts.length;
}

/** `resolveTime` is not always there; the end of the stretch is never too early. */
function placeOf(alert: unknown, by: ScanBy, { to }: Window): number {
  return by === "date" ? (raisedAt(alert) ?? to) : to;
}

/** The alert and its state: one that was closed since is to be taken again. */
function versionOf(alert: unknown): string {
  const { _id: id, resolutionStatusValue: status } = fieldsOf(alert);
  if (typeof id === "string" && id.length <= 40) return `${id} ${typeof status === "number" ? status : 0}`;
  return createHash("sha256")
    .update(JSON.stringify(alert) ?? "")
    .digest("hex");
}

function raisedAt(alert: unknown): number | undefined {
  const { timestamp } = fieldsOf(alert);
  return typeof timestamp === "number" && Number.isFinite(timestamp) ? timestamp : undefined;
}

function fieldsOf(alert: unknown): { _id?: unknown; timestamp?: unknown; resolutionStatusValue?: unknown } {
  return typeof alert === "object" && alert !== null ? alert : {};
}
