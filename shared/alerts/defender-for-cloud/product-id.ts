import { withoutSource } from "../alert-key.ts";
import { type Json, text } from "../fields.ts";
import { readGuid } from "../ids.ts";

/** `2518939942613820660_a48f8653-3fc6-4166-9f19-914f030a13d3`: how Defender for Cloud wrote all of its ids until 2024. */
const withTicks = /^\d{19}_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether an id is of one of the two forms that Defender for Cloud's ids have. */
export function isAlertId(id: string): boolean {
  return withTicks.test(id) || readGuid(id) !== undefined;
}

/**
 * The id that Defender for Cloud itself knows an alert by, over whatever way it came. In a workspace every alert has a `SystemAlertId` of
 * the workspace's own, and its product's id stands beside it. The portal's link holds that id, but is a text that others may write: it
 * decides between the ids that the alert has, and gives none.
 */
export function productIdOf(body: Json): string | undefined {
  const own = text(body, "systemAlertId");
  const others = [text(body, "vendorOriginalId"), text(body, "providerAlertId")].filter((id) => id !== undefined);
  for (const link of ["alertUri", "alertLink"]) {
    const linked = idInLink(text(body, link));
    const id = linked && [own, ...others].find((one) => one !== undefined && plain(one) === plain(linked));
    if (id) return id;
  }
  const older = own === undefined || readGuid(own) ? others.find((id) => withTicks.test(id)) : undefined;
  return older ?? own;
}

/** `…/AlertBlade/alertId/{id}/subscriptionId/…` */
function idInLink(link = ""): string | undefined {
  return link.length > 2048 ? undefined : /\/alertId\/([\w-]{1,128})(?:\/|$)/i.exec(link)?.[1];
}

function plain(id: string): string {
  return withoutSource(id).toLowerCase();
}
