import { alertKey } from "../alert-key.ts";
import { sourceOf } from "../families/defender-for-cloud.ts";
import { find, isObject, type Json, list, text, texts } from "../fields.ts";
import { isSampleAlert } from "../sample-alert.ts";

/** What an incident needs to know of one of its alerts. */
export interface Member {
  /** The key under which the alert is taken when it arrives by itself. */
  key: string | undefined;
  type: string | undefined;
  sample: boolean;
  tactics: string[];
  techniques: string[];
  resources: { resourceId: string; foundAt: string }[];
  /** The alert's extended properties go by this name here. */
  properties: { key: string; value: Json } | undefined;
}

/** Reads one alert of an incident's list: kind `SecurityAlert`, details under `properties`. */
export function readSentinelMember(item: unknown, at: string): Member | undefined {
  if (!isObject(item) || (text(item, "kind") ?? "securityalert").toLowerCase() !== "securityalert") return undefined;
  const properties = find(item, "properties");
  const body = isObject(properties?.value) ? properties.value : item;
  const path = isObject(properties?.value) ? `${at}.${properties?.key}` : at;
  const type = text(body, "alertType");
  const title = text(body, "alertDisplayName") ?? "";
  const additional = find(body, "additionalData");
  return {
    key: keyOf(body),
    type: type?.replace(/^SIMULATED_/i, ""),
    sample: isSampleAlert({ type, title, description: text(body, "description") ?? "" }),
    tactics: texts(body, "tactics"),
    techniques: texts(body, "techniques"),
    resources: resourcesOf(body, path),
    properties: isObject(additional?.value)
      ? { key: `${path}.${additional?.key}`, value: additional.value }
      : undefined,
  };
}

/**
 * In a workspace every alert has a `systemAlertId` of its own; the id that its product gave it stands beside it. Defender for Cloud's
 * ids are told by the ticks they begin with: alerts have them in one field or in the other.
 */
function keyOf(body: Json): string | undefined {
  const source = sourceOf(body);
  const workspaceId = text(body, "systemAlertId");
  const ids = [text(body, "vendorOriginalId"), text(body, "providerAlertId")].filter((id) => id !== undefined);
  const withTicks = [workspaceId, ...ids].find((id) => id !== undefined && /^\d{19}_/.test(id));
  const id = source === "defender-for-cloud" ? (withTicks ?? workspaceId) : (ids[0] ?? workspaceId);
  return id && alertKey(source, id);
}

function resourcesOf(body: Json, path: string): Member["resources"] {
  const identifiers = list(body, "resourceIdentifiers");
  return identifiers.items.flatMap((item, index) => {
    if (!isObject(item)) return [];
    const field = find(item, "azureResourceId") ?? find(item, "resourceId");
    if (typeof field?.value !== "string") return [];
    return [{ resourceId: field.value, foundAt: `${path}.${identifiers.key}[${index}]` }];
  });
}
