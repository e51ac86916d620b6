import { ArmError } from "../resource-manager/arm-error.ts";
import type { ArmCall, ArmRoute } from "../resource-manager/route.ts";
import { speakVersion } from "../resource-manager/speak-version.ts";

/** An alert as Microsoft.Security answers it; only the id is looked at. */
export type SimulatedSecurityAlert = Readonly<Record<string, unknown>> & { id: string };

export const securityApiVersions = ["2022-01-01"];

const inSubscription =
  "/subscriptions/{subscriptionId}/providers/Microsoft.Security/locations/{ascLocation}/alerts/{alertName}";
const inGroup =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Security/locations/{ascLocation}/alerts/{alertName}";

/** What each request makes of an alert: https://learn.microsoft.com/rest/api/defenderforcloud/alerts */
const changes = [
  { verb: "activate", operation: "Activate", status: "Active" },
  { verb: "dismiss", operation: "Dismiss", status: "Dismissed" },
  { verb: "inProgress", operation: "InProgress", status: "InProgress" },
  { verb: "resolve", operation: "Resolve", status: "Resolved" },
] as const;

/**
 * Single alerts of Defender for Cloud, and their states. An alert of a resource group is found under that group only. Not played: lists.
 * Which code a missing alert is answered with is not published; the one here is Resource Manager's usual. A change of state puts a new
 * object into the list.
 */
export function securityAlertRoutes(alerts: SimulatedSecurityAlert[]): ArmRoute[] {
  const levels = [
    { level: "SubscriptionLevel", path: inSubscription },
    { level: "ResourceGroupLevel", path: inGroup },
  ];
  return levels.flatMap(({ level, path }) => [
    {
      operationId: `Alerts_Get${level}`,
      method: "GET",
      path,
      answer(call: ArmCall) {
        speakVersion(call, "locations/alerts", securityApiVersions);
        return { status: 200, body: find(alerts, call.url.pathname, call) };
      },
    },
    ...changes.map(({ verb, operation, status }) => ({
      operationId: `Alerts_Update${level}StateTo${operation}`,
      method: "POST",
      path: `${path}/${verb}`,
      answer(call: ArmCall) {
        speakVersion(call, "locations/alerts", securityApiVersions);
        const found = find(alerts, call.url.pathname.slice(0, -verb.length - 1), call);
        const properties = typeof found.properties === "object" ? found.properties : {};
        alerts[alerts.indexOf(found)] = { ...found, properties: { ...properties, status } };
        return { status: 204 };
      },
    })),
  ]);
}

function find(alerts: readonly SimulatedSecurityAlert[], path: string, { params }: ArmCall): SimulatedSecurityAlert {
  const wanted = decodeURIComponent(path).toLowerCase();
  const found = alerts.find(({ id }) => id.toLowerCase() === wanted);
  if (found) return found;
  throw new ArmError(404, "ResourceNotFound", `The alert '${params.alertName}' was not found.`);
}
