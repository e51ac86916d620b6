import * as z from "zod";
import type { CloudAppsAlert } from "./cloud-apps-state.ts";

const day = 24 * 60 * 60 * 1000;

const Timestamp = z.int().nonnegative();
const Bounds = {
  gte: Timestamp.optional(),
  lte: Timestamp.optional(),
  range: z.array(z.strictObject({ start: Timestamp, end: Timestamp })).optional(),
};
const Days = { gte_ndays: z.number().nonnegative().optional(), lte_ndays: z.number().nonnegative().optional() };
const listOf = <T extends z.ZodType>(item: T) => z.union([item, z.array(item)]);
const oneOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({ eq: listOf(item).optional(), neq: listOf(item).optional() });
const Flag = z.strictObject({ eq: z.boolean() });

/**
 * The documented filters with their operators (https://learn.microsoft.com/defender-cloud-apps/api-alerts#filters). Not played:
 * entity.entity, entity.instance, entity.policy, entity.file, risk and source. None exists by the time of the last change.
 */
const Filters = z.strictObject({
  date: z.strictObject({ ...Bounds, ...Days }).optional(),
  resolutionDate: z.strictObject(Bounds).optional(),
  alertOpen: Flag.optional(),
  read: Flag.optional(),
  severity: oneOf(z.int()).optional(),
  resolutionStatus: oneOf(z.int()).optional(),
  alertType: oneOf(z.int()).optional(),
  id: oneOf(z.string()).optional(),
  "entity.ip": oneOf(z.string()).optional(),
  "entity.service": oneOf(z.int()).optional(),
});
type Filters = z.infer<typeof Filters>;

/** The parameters of the list: https://learn.microsoft.com/defender-cloud-apps/api-alerts-list */
export const AlertQuery = z.strictObject({
  filters: Filters.default({}),
  sortField: z.enum(["date", "severity"]).default("date"),
  /** Which way is taken when none is asked for is not documented. */
  sortDirection: z.enum(["asc", "desc"]).default("desc"),
  skip: z.int().nonnegative().default(0),
  limit: z.int().positive().default(100),
});
export type AlertQuery = z.infer<typeof AlertQuery>;

/** All that match, sorted. Alerts of the same moment stay in the order in which they are held. */
export function findAlerts(alerts: readonly CloudAppsAlert[], query: AlertQuery, now: number): CloudAppsAlert[] {
  const { filters, sortField, sortDirection } = query;
  const place = ({ timestamp, severityValue }: CloudAppsAlert) => (sortField === "date" ? timestamp : severityValue);
  const sign = sortDirection === "asc" ? 1 : -1;
  return alerts.filter((alert) => matches(alert, filters, now)).sort((a, b) => sign * (place(a) - place(b)));
}

function matches(alert: CloudAppsAlert, filters: Filters, now: number): boolean {
  const { date, alertOpen, read } = filters;
  const open = alert.resolutionStatusValue === 0;
  const entities = (type: string) => alert.entities.filter((entity) => entity.type === type).map(({ id }) => id);
  return (
    isWithin(alert.timestamp, date) &&
    (date?.gte_ndays === undefined || alert.timestamp >= now - date.gte_ndays * day) &&
    (date?.lte_ndays === undefined || alert.timestamp <= now - date.lte_ndays * day) &&
    isWithin(open ? undefined : Date.parse(alert.resolveTime ?? ""), filters.resolutionDate) &&
    (alertOpen === undefined || alertOpen.eq === open) &&
    (read === undefined || read.eq === alert.statusValue > 0) &&
    isOneOf([alert.severityValue], filters.severity) &&
    isOneOf([alert.resolutionStatusValue], filters.resolutionStatus) &&
    isOneOf([alert.idValue], filters.alertType) &&
    isOneOf([alert._id], filters.id) &&
    isOneOf(entities("ip"), filters["entity.ip"]) &&
    isOneOf(entities("service"), filters["entity.service"])
  );
}

function isWithin(time: number | undefined, bounds: Filters["resolutionDate"]): boolean {
  if (bounds === undefined) return true;
  const { gte = 0, lte = Number.POSITIVE_INFINITY, range } = bounds;
  if (time === undefined || !(time >= gte && time <= lte)) return false;
  return range === undefined || range.some(({ start, end }) => time >= start && time <= end);
}

function isOneOf(found: readonly unknown[], wanted: { eq?: unknown; neq?: unknown } | undefined): boolean {
  const holds = (values: unknown) => [values].flat().some((value) => found.includes(value));
  if (wanted?.eq !== undefined && !holds(wanted.eq)) return false;
  return wanted?.neq === undefined || !holds(wanted.neq);
}
