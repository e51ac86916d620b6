import { collectionPage, refuseOtherQueries, wholeNumber } from "./collection.ts";
import { type Filterable, readFilter } from "./filter.ts";
import { badRequest } from "./graph-failure.ts";
import { asRead, laterMembers } from "./later-members.ts";
import type { GraphRoute } from "./route.ts";
import { alertKind, readSecurityAlerts, securityRecordRoutes } from "./security-records.ts";
import type { GraphResource } from "./state.ts";

/** https://learn.microsoft.com/graph/api/security-list-alerts_v2: "The following properties support $filter". */
const filterable: Filterable = {
  assignedTo: "text",
  classification: ["unknown", "falsePositive", "truePositive", "informationalExpectedActivity"],
  determination: "text",
  createdDateTime: "instant",
  lastUpdateDateTime: "instant",
  severity: ["unknown", "informational", "low", "medium", "high"],
  serviceSource: [
    "microsoftDefenderForEndpoint",
    "microsoftDefenderForIdentity",
    "microsoftDefenderForCloudApps",
    "microsoftDefenderForOffice365",
    "microsoft365Defender",
    "azureAdIdentityProtection",
    "microsoftAppGovernance",
    "dataLossPrevention",
    ...laterMembers.serviceSource,
  ],
  status: ["unknown", "new", "inProgress", "resolved"],
};

/** https://learn.microsoft.com/graph/api/resources/security-error-codes#constraints; the size without `$top` is published nowhere. */
const pages = { pageSize: 100, most: 1000, above: "clamp" } as const;
const mostSkipped = 500;

/** Lists alerts, and what one of them takes. Not played: `evidence/any(…)`, `$select`, `$search`. */
export const alertRoutes: readonly GraphRoute[] = [
  {
    operationId: "Graph_ListAlerts",
    method: "GET",
    path: "/security/alerts_v2",
    permissions: readSecurityAlerts,
    answer(call) {
      const { url, state, seen } = call;
      refuseOtherQueries(url, ["$filter", "$orderby", "$top", "$skip", "$skiptoken", "$count"]);
      if ((wholeNumber(url.searchParams, "$skip") ?? 0) > mostSkipped) {
        throw badRequest(`The $skip query option is limited to ${mostSkipped}.`);
      }
      const filter = url.searchParams.get("$filter");
      const chosen = filter === null ? seen(state.alerts) : seen(state.alerts).filter(readFilter(filter, filterable));
      const asAsked = ordered(chosen, url.searchParams.get("$orderby")).map((alert) => asRead(alert, call));
      const { "@odata.nextLink": nextLink, ...page } = collectionPage(url, asAsked, pages);
      return {
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#security/alerts_v2",
        ...page,
        ...(nextLink !== undefined && state.linksAlertPages ? { "@odata.nextLink": nextLink } : {}),
      };
    },
  },
  ...securityRecordRoutes(alertKind),
];

/**
 * The documentation lists no `$orderby`; on a real tenant `createdDateTime` was honoured, `lastUpdateDateTime` accepted and ignored,
 * any other refused, and without it no order was to be seen. So the order here is one that nobody can lean on.
 */
function ordered(alerts: readonly GraphResource[], orderBy: string | null): GraphResource[] {
  const [, property, direction = "asc"] = /^(\w+)(?: (asc|desc))?$/.exec(orderBy ?? "lastUpdateDateTime") ?? [];
  if (property === "createdDateTime") {
    const sorted = alerts.toSorted((a, b) => (String(a.createdDateTime) < String(b.createdDateTime) ? -1 : 1));
    return direction === "asc" ? sorted : sorted.reverse();
  }
  if (property === "lastUpdateDateTime") return alerts.toSorted((a, b) => scatter(a.id) - scatter(b.id));
  throw badRequest(`The $orderby expression '${orderBy}' is not supported.`);
}

function scatter(text: string): number {
  let hash = 2166136261;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619);
  return hash;
}
