/**
 * Ids that are put into the address of a request we make with our own identity. Nothing but an id of exactly that kind gets through:
 * no `..`, no query, no other provider or service.
 */
const subscription = "/subscriptions/[\\w-]{1,64}";
const resourceGroup = "/resourceGroups/(?!\\.+/)[\\p{L}\\p{N}_.()-]{1,90}";

const armAlertId = new RegExp(
  `^${subscription}(?:${resourceGroup})?/providers/Microsoft\\.Security/locations/[a-z0-9]{1,64}/alerts/[\\w-]{1,128}$`,
  "iu",
);
const incidentId = new RegExp(
  `^${subscription}${resourceGroup}/providers/Microsoft\\.OperationalInsights/workspaces/[a-z0-9-]{1,64}/providers/Microsoft\\.SecurityInsights/incidents/[\\w-]{1,128}$`,
  "iu",
);

/** `/subscriptions/…/providers/Microsoft.Security/locations/…/alerts/…`, with or without a resource group. */
export function isArmAlertId(id: string): boolean {
  return armAlertId.test(id);
}

/** `/subscriptions/…/workspaces/…/providers/Microsoft.SecurityInsights/incidents/…` */
export function isIncidentId(id: string): boolean {
  return incidentId.test(id);
}

/** Ids of alerts in Graph and in Defender for Endpoint's own API. */
export function isAlertId(id: string): boolean {
  return /^[A-Za-z0-9_-]{1,128}$/.test(id);
}
