import { isArmAlertId } from "../fetchable-id.ts";

/**
 * The ARM id of an alert, out of the resource's own `id`. Its last segment is not to be trusted: in the published example it is that of
 * another alert.
 */
export function armIdFromId(id: string | undefined, systemAlertId: string): string | undefined {
  if (!id || id.length > 1024) return undefined;
  const armId = id.slice(0, id.lastIndexOf("/") + 1) + systemAlertId;
  return isArmAlertId(armId) ? armId : undefined;
}

/** …/AlertBlade/alertId/{id}/subscriptionId/{guid}/resourceGroup/{name, or nothing}/referencedFrom/alertDeepLink/location/{region} */
const deepLink = /\/alertId\/([^/]+)\/subscriptionId\/([^/]+)\/resourceGroup\/([^/]*)\/(?:.*\/)?location\/([^/]+)/i;

/** The same out of the portal's deep link, which alone tells it in the flat shapes. */
export function armIdFromLink(link: string | undefined, systemAlertId: string): string | undefined {
  if (!link || link.length > 2048) return undefined;
  const [, id, subscription, group, location] = deepLink.exec(link) ?? [];
  if (id?.toLowerCase() !== systemAlertId.toLowerCase()) return undefined;
  const scope = `/subscriptions/${subscription}${group ? `/resourceGroups/${group}` : ""}`;
  const armId = `${scope}/providers/Microsoft.Security/locations/${location}/alerts/${systemAlertId}`;
  return isArmAlertId(armId) ? armId : undefined;
}
