import type { Source } from "../alert.ts";
import { alertKey } from "../alert-key.ts";
import { productIdOf } from "../defender-for-cloud/product-id.ts";
import { isOfOtherProduct, sourceOf } from "../defender-for-cloud/source.ts";
import { each, firstText, inner, isObject, type Json, type Placed, text, texts } from "../fields.ts";
import { isEicarTest, isSimulated } from "../sample-alert.ts";

/** What an incident needs to know of one of its alerts. */
export interface Member {
  /** The key under which the alert is taken when it arrives by itself. */
  key: string | undefined;
  type: string | undefined;
  sample: "simulated" | "test file" | undefined;
  tactics: string[];
  techniques: string[];
  resources: { resourceId: string; foundAt: string }[];
  /** The alert's extended properties go by another name here. */
  properties: Placed | undefined;
}

/** Reads one alert of an incident's list: kind `SecurityAlert`, details under `properties`. */
export function readSentinelMember(item: unknown, at: string): Member | undefined {
  if (!isObject(item) || (text(item, "kind") ?? "securityalert").toLowerCase() !== "securityalert") return undefined;
  const { object: body, at: bodyAt } = inner(item, "properties", at) ?? { object: item, at };
  const type = text(body, "alertType");
  const source = sourceOf(body, []);
  return {
    key: keyOf(body, source),
    type: type?.replace(/^SIMULATED_/i, ""),
    sample: sampleOf(body, source, type),
    tactics: texts(body, "tactics"),
    techniques: texts(body, "techniques"),
    resources: resourcesOf(body, bodyAt),
    properties: inner(body, "additionalData", bodyAt),
  };
}

function sampleOf(body: Json, source: Source, type = ""): Member["sample"] {
  const title = text(body, "alertDisplayName") ?? "";
  if (isSimulated({ type, title, description: text(body, "description") ?? "" })) return "simulated";
  return isEicarTest({ source, type, title, threats: [] }) ? "test file" : undefined;
}

/** In a workspace every alert has a `systemAlertId` of its own; the id that its product gave it stands beside it. */
function keyOf(body: Json, source: Source): string | undefined {
  const workspaceId = text(body, "systemAlertId");
  const ids = [text(body, "vendorOriginalId"), text(body, "providerAlertId")].filter((id) => id !== undefined);
  const id = isOfOtherProduct(source) ? (ids[0] ?? workspaceId) : productIdOf(body);
  return id && alertKey(source, id);
}

function resourcesOf(body: Json, at: string): Member["resources"] {
  const resources: Member["resources"] = [];
  each(body, "resourceIdentifiers", at, (item, foundAt) => {
    const resourceId = isObject(item) ? firstText(item, ["azureResourceId", "resourceId"]) : undefined;
    if (resourceId !== undefined) resources.push({ resourceId, foundAt });
  });
  return resources;
}
