import * as z from "zod";
import type { HostAnswer } from "../simulated-host.ts";
import type { CloudAppsState } from "./cloud-apps-state.ts";

/** https://learn.microsoft.com/defender-cloud-apps/api-alerts */
export const closings = [
  { verb: "close_false_positive", operation: "CloseFalsePositive", count: "closed_false_positive", value: 3 },
  { verb: "close_benign", operation: "CloseBenign", count: "closed_benign", value: 4 },
  { verb: "close_true_positive", operation: "CloseTruePositive", count: "closed_true_positive", value: 5 },
] as const;

const Closing = z.looseObject({
  filters: z.object({ id: z.object({ eq: z.array(z.string()) }).optional() }).default({}),
  comment: z.string().optional(),
});

/** The filter says which: without one all that are open are closed, and what is not found is no error. */
export function closeAlerts(
  text: string,
  { count, value }: (typeof closings)[number],
  state: CloudAppsState,
  now: Date,
): HostAnswer {
  const parsed = Closing.safeParse(readJson(text));
  if (!parsed.success) return { status: 400, body: { detail: "The filters cannot be read." } };
  const wanted = parsed.data.filters.id?.eq;
  const alertsNotFound = (wanted ?? []).filter((id) => !state.alerts.some(({ _id }) => _id === id));
  let closed = 0;
  state.alerts = state.alerts.map((alert) => {
    const meant = wanted === undefined ? alert.resolutionStatusValue === 0 : wanted.includes(alert._id);
    if (!meant) return alert;
    closed++;
    return { ...alert, resolutionStatusValue: value, resolveTime: now.toISOString() };
  });
  return { status: 200, body: { [count]: closed, ...(alertsNotFound.length > 0 ? { alertsNotFound } : {}) } };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
