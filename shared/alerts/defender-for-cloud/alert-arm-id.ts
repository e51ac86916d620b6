/** One segment of an ARM id as we would put it into a request: nothing to escape, and no way up. */
const segment = "(?!\\.+(?:/|$))[\\w.()-]{1,128}";
const alertId = new RegExp(
  `^(/subscriptions/${segment}(?:/resourceGroups/${segment})?/providers/Microsoft\\.Security/locations/${segment}/alerts/)${segment}$`,
  "i",
);
const safe = new RegExp(`^${segment}$`);

/**
 * The ARM id of an alert, out of the resource's own `id`. Its last segment is not to be trusted: in the published example it is that of
 * another alert.
 */
export function armIdFromId(id: string | undefined, systemAlertId: string): string | undefined {
  const [, start] = (id && id.length <= 1024 && alertId.exec(id)) || [];
  return start && safe.test(systemAlertId) ? start + systemAlertId : undefined;
}

/**
 * The same out of the portal's deep link, which alone tells it in the flat shapes:
 * `…/AlertBlade/alertId/{id}/subscriptionId/{guid}/resourceGroup/{name}/referencedFrom/alertDeepLink/location/{region}`
 */
export function armIdFromLink(link: string | undefined, systemAlertId: string): string | undefined {
  if (!link || link.length > 2048) return undefined;
  const parts = link.split("/");
  const after = (name: string) => {
    const at = parts.findIndex((part) => part.toLowerCase() === name);
    return at < 0 ? undefined : parts[at + 1];
  };
  if (after("alertid")?.toLowerCase() !== systemAlertId.toLowerCase()) return undefined;
  const group = after("resourcegroup");
  const scope = group ? `/resourceGroups/${group}` : "";
  const id = `/subscriptions/${after("subscriptionid")}${scope}/providers/Microsoft.Security/locations/${after("location")}/alerts/x`;
  return after("subscriptionid") && after("location") ? armIdFromId(id, systemAlertId) : undefined;
}
