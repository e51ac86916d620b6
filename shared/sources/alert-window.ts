import type { Json } from "../alerts/fields.ts";
import type { Graph, GraphPage } from "../azure/graph.ts";

/** The alerts that were updated from `from` until just before `to`; without `to`, until now. */
export interface AlertWindow {
  alerts: readonly Json[];
  from: number;
  to: number | undefined;
  /**
   * Only one answer is sure to miss none. Links to further pages may be counted from the beginning of the list: an alert that is
   * updated meanwhile leaves its place, and the one at the page's edge moves to where nobody looks any more.
   */
  read: "in one answer" | "page by page" | "in part";
  /** When Graph answered, by its own clock; the clock of this machine decides nothing about alerts. */
  servedAt: number | undefined;
}

export interface RequestBudget {
  /** Answers read so far. */
  pages: number;
  most: number;
}

/**
 * Reads a window that fits into one answer, made narrower until it does. Order is not asked for: `$orderby` is not among the documented
 * parameters of alerts_v2 (https://learn.microsoft.com/graph/api/security-list-alerts_v2), and on a real tenant
 * `$orderby=lastUpdateDateTime` was accepted and ignored; `$skip`, which paging may stand on, ends at 500.
 * Undefined when the requests of the turn are used up.
 */
export async function readAlertWindow(
  graph: Graph,
  { from, to }: { from: number; to: number | undefined },
  pageSize: number,
  budget: RequestBudget,
): Promise<AlertWindow | undefined> {
  const attempt = "list the alerts of Microsoft Graph";
  for (let end = to; budget.pages < budget.most; ) {
    const query = { $filter: filterOf(from, end), $top: `${pageSize}` };
    const first = await graph.page("/security/alerts_v2", query, { attempt });
    budget.pages++;
    const servedAt = first.servedAt?.getTime();
    const window = { from, to: end, servedAt };
    if (first.nextLink === undefined) return { ...window, alerts: first.value, read: "in one answer" };
    if (end !== undefined && end <= from + 1) {
      return { ...window, ...(await readOn(graph, first, budget, attempt)) };
    }
    end = narrower(from, end ?? servedAt, first.value);
  }
  return undefined;
}

/** Thousands of alerts can be updated in one instant, as when a large incident is closed. */
async function readOn(
  graph: Graph,
  first: GraphPage,
  budget: RequestBudget,
  attempt: string,
): Promise<Pick<AlertWindow, "alerts" | "read">> {
  const alerts = [...first.value];
  let { nextLink } = first;
  while (nextLink !== undefined && budget.pages < budget.most) {
    const page: GraphPage = await graph.page(nextLink, undefined, { attempt });
    budget.pages++;
    alerts.push(...page.value);
    nextLink = page.nextLink;
  }
  return { alerts, read: nextLink === undefined ? "page by page" : "in part" };
}

/** Half the time, or up to the middle of the alerts that came if that is less. */
function narrower(from: number, to: number | undefined, alerts: readonly Json[]): number {
  const instants = alerts
    .map(updatedAt)
    .filter((instant) => instant !== undefined)
    .toSorted((a, b) => a - b);
  const middle = instants[instants.length >> 1] ?? Number.POSITIVE_INFINITY;
  const end = to ?? instants.at(-1) ?? from;
  return Math.max(from + 1, Math.min(middle, from + Math.floor((end - from) / 2)));
}

/** Milliseconds, cut off as the filter's are: an alert of `.3266667` is in the window that begins at `.326`. */
export function updatedAt(alert: Json): number | undefined {
  const instant = typeof alert.lastUpdateDateTime === "string" ? Date.parse(alert.lastUpdateDateTime) : Number.NaN;
  return Number.isNaN(instant) ? undefined : instant;
}

function filterOf(from: number, to: number | undefined): string {
  const begin = `lastUpdateDateTime ge ${new Date(from).toISOString()}`;
  return to === undefined ? begin : `${begin} and lastUpdateDateTime lt ${new Date(to).toISOString()}`;
}
