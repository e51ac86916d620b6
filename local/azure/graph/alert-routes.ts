import { collectionPage, refuseOtherQueries, wholeNumber } from "./collection.ts";
import { type Filterable, readFilter } from "./filter.ts";
import { badRequest, GraphFailure } from "./graph-failure.ts";
import type { GraphCall, GraphRoute } from "./route.ts";
import type { GraphResource } from "./state.ts";

/** Members that came after `unknownFutureValue`: who does not ask for them reads that word. */
const laterMembers = {
  serviceSource: [
    "microsoftDefenderForCloud",
    "microsoftSentinel",
    "microsoftInsiderRiskManagement",
    "microsoftThreatIntelligence",
  ],
  detectionSource: [
    "microsoftDefenderForCloud",
    "microsoftDefenderForServers",
    "microsoftDefenderForStorage",
    "microsoftDefenderForDNS",
    "microsoftDefenderForDatabases",
    "microsoftDefenderForContainers",
    "microsoftDefenderForNetwork",
    "microsoftDefenderForAppService",
    "microsoftDefenderForKeyVault",
    "microsoftDefenderForResourceManager",
    "microsoftDefenderForApiManagement",
    "microsoftSentinel",
    "nrtAlerts",
    "scheduledAlerts",
    "builtInMl",
  ],
} as const;

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

/** `GET /security/alerts_v2` and one of them by id. Not played: changing alerts, comments, `evidence/any(…)`, `$select`, `$search`. */
export const alertRoutes: readonly GraphRoute[] = [
  {
    operationId: "Graph_ListAlerts",
    method: "GET",
    path: "/security/alerts_v2",
    answer(call) {
      requirePermission(call);
      const { url, state } = call;
      refuseOtherQueries(url, ["$filter", "$orderby", "$top", "$skip", "$skiptoken", "$count"]);
      if ((wholeNumber(url.searchParams, "$skip") ?? 0) > mostSkipped) {
        throw badRequest(`The $skip query option is limited to ${mostSkipped}.`);
      }
      const filter = url.searchParams.get("$filter");
      const chosen = filter === null ? state.alerts : state.alerts.filter(readFilter(filter, filterable));
      const asAsked = ordered(chosen, url.searchParams.get("$orderby")).map((alert) => asRead(alert, call));
      const { "@odata.nextLink": nextLink, ...page } = collectionPage(url, asAsked, pages);
      return {
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#security/alerts_v2",
        ...page,
        ...(nextLink !== undefined && state.linksAlertPages ? { "@odata.nextLink": nextLink } : {}),
      };
    },
  },
  {
    operationId: "Graph_GetAlert",
    method: "GET",
    path: "/security/alerts_v2/{id}",
    answer(call) {
      requirePermission(call);
      const alert = call.state.alerts.find(({ id }) => id === call.params.id);
      if (!alert) throw new GraphFailure(404, "NotFound", "The requested alert was not found.");
      return asRead(alert, call);
    },
  },
];

/** The sentence is composed; what Graph writes there is published nowhere. */
function requirePermission({ may }: GraphCall): void {
  if (may("SecurityAlert.Read.All", "SecurityAlert.ReadWrite.All")) return;
  const message = "Missing application roles. API required roles: SecurityAlert.Read.All,SecurityAlert.ReadWrite.All.";
  throw new GraphFailure(403, "Forbidden", message);
}

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

function asRead(alert: GraphResource, { header }: GraphCall): GraphResource {
  const preferences = (header("prefer") ?? "").split(",").map((one) => one.trim().toLowerCase());
  if (preferences.includes("include-unknown-enum-members")) return { ...alert };
  const hidden = Object.entries(laterMembers).flatMap(([property, members]) =>
    members.some((member) => member === alert[property]) ? [[property, "unknownFutureValue"]] : [],
  );
  return { ...alert, ...Object.fromEntries(hidden) };
}
