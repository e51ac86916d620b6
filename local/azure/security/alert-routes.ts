import { ArmError } from "../resource-manager/arm-error.ts";
import type { ArmRoute } from "../resource-manager/route.ts";
import { speakVersion } from "../resource-manager/speak-version.ts";

/** An alert as Microsoft.Security answers it; only the id is looked at. */
export type SimulatedSecurityAlert = Readonly<Record<string, unknown>> & { id: string };

export const securityApiVersions = ["2022-01-01"];

const inSubscription =
  "/subscriptions/{subscriptionId}/providers/Microsoft.Security/locations/{ascLocation}/alerts/{alertName}";
const inGroup =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Security/locations/{ascLocation}/alerts/{alertName}";

/**
 * Single alerts of Defender for Cloud. An alert of a resource group is found under that group only. Not played: lists and state
 * changes. Which code a missing alert is answered with is not published; the one here is Resource Manager's usual.
 */
export function securityAlertRoutes(alerts: readonly SimulatedSecurityAlert[]): ArmRoute[] {
  const get = (operationId: string, path: string): ArmRoute => ({
    operationId,
    method: "GET",
    path,
    answer: (call) => {
      speakVersion(call, "locations/alerts", securityApiVersions);
      const wanted = decodeURIComponent(call.url.pathname).toLowerCase();
      const found = alerts.find(({ id }) => id.toLowerCase() === wanted);
      if (found) return { status: 200, body: found };
      throw new ArmError(404, "ResourceNotFound", `The alert '${call.params.alertName}' was not found.`);
    },
  });
  return [get("Alerts_GetSubscriptionLevel", inSubscription), get("Alerts_GetResourceGroupLevel", inGroup)];
}
