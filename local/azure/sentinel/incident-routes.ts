import type { Clock } from "../../../shared/clock.ts";
import { ArmError } from "../resource-manager/arm-error.ts";
import type { ArmCall, ArmRoute } from "../resource-manager/route.ts";
import { speakVersion } from "../resource-manager/speak-version.ts";

type Json = Readonly<Record<string, unknown>>;

/** An incident, and what only its own lists tell. */
export interface SimulatedIncident {
  incident: Json & { id: string };
  alerts: readonly Json[];
  entities: readonly Json[];
}

export const sentinelApiVersions = ["2023-02-01"];

const incidentPath =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.OperationalInsights/workspaces/{workspaceName}/providers/Microsoft.SecurityInsights/incidents/{incidentId}";

/** https://learn.microsoft.com/rest/api/securityinsights/request-limits-and-throttling: reads of one kind in five minutes. */
const limit = { reads: 100, withinMs: 5 * 60_000 };

/**
 * Incidents of Sentinel with their alerts and entities. Not played: lists of incidents, comments, relations, writes, and that the limit
 * is counted by each instance of Resource Manager, so that really more may pass.
 */
export function sentinelRoutes(incidents: readonly SimulatedIncident[], clock: Clock): ArmRoute[] {
  const reads = new Map<string, number[]>();

  function throttle(kind: string, { params }: ArmCall): void {
    const now = clock.now().getTime();
    const key = `${kind} ${params.subscriptionId?.toLowerCase()}`;
    const recent = (reads.get(key) ?? []).filter((at) => at > now - limit.withinMs);
    const [oldest = now] = recent;
    if (recent.length >= limit.reads) {
      const seconds = Math.ceil((oldest + limit.withinMs - now) / 1000);
      throw new ArmError(429, "TooManyRequests", "The request is being throttled.", {
        headers: { "retry-after": String(seconds) },
      });
    }
    reads.set(key, [...recent, now]);
  }

  function find(call: ArmCall, suffix = ""): SimulatedIncident {
    speakVersion(call, "incidents", sentinelApiVersions);
    const wanted = decodeURIComponent(call.url.pathname)
      .slice(0, -suffix.length || undefined)
      .toLowerCase();
    const found = incidents.find(({ incident }) => incident.id.toLowerCase() === wanted);
    if (found) return found;
    throw new ArmError(404, "NotFound", `Incident '${call.params.incidentId}' was not found.`);
  }

  return [
    {
      operationId: "Incidents_Get",
      method: "GET",
      path: incidentPath,
      answer: (call) => ({ status: 200, body: find(call).incident }),
    },
    {
      operationId: "Incidents_ListAlerts",
      method: "POST",
      path: `${incidentPath}/alerts`,
      answer: (call) => {
        throttle("alerts", call);
        return { status: 200, body: { value: find(call, "/alerts").alerts } };
      },
    },
    {
      operationId: "Incidents_ListEntities",
      method: "POST",
      path: `${incidentPath}/entities`,
      answer: (call) => {
        throttle("entities", call);
        const { entities } = find(call, "/entities");
        const kinds = Map.groupBy(entities, ({ kind }) => kind);
        const metaData = [...kinds].map(([entityKind, members]) => ({ entityKind, count: members.length }));
        return { status: 200, body: { entities, metaData } };
      },
    },
  ];
}
