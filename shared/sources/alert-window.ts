import type { Json } from "../alerts/fields.ts";
import type { Graph, GraphPage } from "../azure/graph.ts";

/** The alerts that were updated from `from` until just before `to`; without `to`, until now. */
export interface AlertWindow {
  alerts: readonly Json[];
  from: number;
  to: number | undefined;
  /**
   * Only one answer is sure to miss none. Pages are counted from the beginning of the list: an alert that is updated meanwhile leaves
   * its place, and the one at the page's edge moves to where nobody looks any more. `as far as it goes`: there are more than can be read.
   */
  read: "in one answer" | "page by page" | "as far as it goes";
  /** When Graph answered, by its own clock; the clock of this machine decides nothing about alerts. */
  servedAt: number | undefined;
}

export interface RequestBudget {
  /** Answers read so far. */
  pages: number;
  /** A window of one millisecond is read to its end all the same. */
  most: number;
}

export interface PageSizes {
  /** Alerts that are asked for at once. */
  pageSize: number;
  /** The same for a window that cannot be made narrower: all that Graph gives. Were it more, no page would ever be full. */
  largestPage: number;
}

/** https://learn.microsoft.com/graph/api/resources/security-error-codes#constraints: one more is refused. */
const mostSkipped = 500;
/** More than that of one instant would not be remembered in one row of the ledger. */
const mostPages = 10;
const attempt = "list the alerts of Microsoft Graph";
const path = "/security/alerts_v2";

/**
 * Reads a window that fits into one answer, made narrower until it does. Order is not asked for: `$orderby` is not among the documented
 * parameters of alerts_v2 (https://learn.microsoft.com/graph/api/security-list-alerts_v2), and on a real tenant
 * `$orderby=lastUpdateDateTime` was accepted and ignored; `$skip`, which paging may stand on, ends at 500.
 * Undefined when the requests of the turn are used up.
 */
export async function readAlertWindow(
  graph: Graph,
  { from, to }: { from: number; to: number | undefined },
  sizes: PageSizes,
  budget: RequestBudget,
): Promise<AlertWindow | undefined> {
  for (let end = to; budget.pages < budget.most; ) {
    const isNarrowest = end !== undefined && end <= from + 1;
    const query = { $filter: filterOf(from, end), $top: `${isNarrowest ? sizes.largestPage : sizes.pageSize}` };
    const first = await graph.page(path, query, { attempt });
    budget.pages++;
    const servedAt = first.servedAt?.getTime();
    const window = { from, to: end, servedAt };
    if (!mayGoOn(first, query)) return { ...window, alerts: first.value, read: "in one answer" };
    if (isNarrowest) return { ...window, ...(await readOn(graph, first, query, budget)) };
    end = narrower(from, end ?? servedAt, first.value);
  }
  return undefined;
}

/**
 * The documentation promises a link to the next page; real tenants get none, and a full page is then the only sign that there is more:
 * https://github.com/elastic/integrations/issues/20234, https://github.com/elastic/integrations/pull/20348,
 * https://learn.microsoft.com/answers/questions/1611210.
 */
function mayGoOn({ nextLink, value }: GraphPage, { $top }: { $top: string }): boolean {
  return nextLink !== undefined || value.length >= Number($top);
}

/** Thousands of alerts can be updated in one instant, as when a large incident is closed. */
async function readOn(
  graph: Graph,
  first: GraphPage,
  query: { $filter: string; $top: string },
  budget: RequestBudget,
): Promise<Pick<AlertWindow, "alerts" | "read">> {
  const alerts = [...first.value];
  const isLinked = first.nextLink !== undefined;
  let last = first;
  let skipped = 0;
  for (let pages = 1; isLinked ? last.nextLink !== undefined : mayGoOn(last, query); pages++) {
    const skip = Math.min(skipped + last.value.length, mostSkipped);
    const isOutOfReach = !isLinked && skip === skipped;
    if (isOutOfReach || pages === mostPages) return { alerts, read: "as far as it goes" };
    last = await (last.nextLink === undefined
      ? graph.page(path, { ...query, $skip: `${skip}` }, { attempt })
      : graph.page(last.nextLink, undefined, { attempt }));
    skipped = skip;
    budget.pages++;
    alerts.push(...last.value);
  }
  return { alerts, read: "page by page" };
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
