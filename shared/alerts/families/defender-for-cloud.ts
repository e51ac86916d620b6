import type { Family, Source } from "../alert.ts";
import { armIdFromId, armIdFromLink } from "../defender-for-cloud/alert-arm-id.ts";
import { firstInstant, type Named, toReading } from "../defender-for-cloud/finding.ts";
import { gatherEntities } from "../defender-for-cloud/gather-entities.ts";
import type { Attacked } from "../defender-for-cloud/resources.ts";
import { isTrue, type Json, meant, text, value } from "../fields.ts";
import { readTechniques } from "../ids.ts";
import { readPortalLink } from "../portal-link.ts";
import { sourceOfProduct } from "../products.ts";
import type { Reading } from "../reading.ts";

/** One of the shapes of Defender for Cloud that keep everything in one object, under the names below. */
export interface Shape {
  family: Family;
  body: Json;
  /** Path of `body` in the payload, with a dot at its end: `properties.` or nothing. */
  path: string;
  source: Source;
  productId: Named;
  type: Named;
  attacked: Attacked;
  /** Id of the resource that the alert is to Resource Manager. */
  id?: string | undefined;
}

/** Under which names the shapes keep the same; the first that is there counts. */
const titles = ["alertDisplayName", "displayName", "alertName"];
// The published schema of the Logic App trigger requires `ReportedSeverity`, defines `Severity`, and has no status at all.
const severities = ["severity", "reportedSeverity", "alertSeverity"];
const statuses = ["status", "state"];
const times = ["startTimeUtc", "startTime", "detectedTimeUtc", "reportedTimeUtc", "timeGeneratedUtc", "timeGenerated"];

export function readDefenderForCloud(shape: Shape): Reading {
  const { family, body, path, source, productId, type } = shape;
  const systemAlertId = text(body, "systemAlertId") ?? productId.value ?? "";
  const link = text(body, "alertUri") ?? text(body, "alertLink");
  const armId = armIdFromId(shape.id, systemAlertId) ?? armIdFromLink(link, systemAlertId);
  const portal = readPortalLink(link);
  return toReading({
    family,
    source,
    productId,
    type,
    title: named(body, path, titles),
    description: text(body, "description"),
    severity: named(body, path, severities),
    status: named(body, path, statuses),
    raisedAt: firstInstant(body, times),
    times,
    incident: isTrue(body, "isIncident"),
    tactics: textsOf(body, ["intent", "tactics"]),
    techniques: readTechniques(textsOf(body, ["techniques", "subTechniques"])),
    references: { ...(armId ? { armId } : {}), ...(portal ? { portal } : {}) },
    gather: (entities, alertType, notes) =>
      gatherEntities({ body, path, type: alertType, attacked: shape.attacked }, entities, notes),
  });
}

/** Partners' findings are passed on under the partner's name. */
export function sourceOf(body: Json): Source {
  const vendor = text(body, "vendorName");
  if (vendor && vendor.toLowerCase() !== "microsoft") return "other";
  const product = text(body, "productName");
  const source = sourceOfProduct([product]) ?? sourceOfProduct([text(body, "providerName")]);
  return source ?? (product ? "other" : "defender-for-cloud");
}

export function named(body: Json, path: string, names: readonly string[]): Named {
  for (const name of names) {
    const found = text(body, name);
    if (found !== undefined) return { name: path + name, value: found };
  }
  return { name: path + names[0], value: undefined };
}

/** Texts, or lists of texts. */
function textsOf(body: Json, names: readonly string[]): string[] {
  const texts: string[] = [];
  for (const name of names) {
    const found = value(body, name);
    for (const one of Array.isArray(found) ? found.slice(0, 100) : [found]) {
      const said = meant(one);
      if (said !== undefined) texts.push(said);
    }
  }
  return texts;
}
