import type { Family } from "../alert.ts";
import { createEntities } from "../entities.ts";
import { firstText, isTrue, type Json, join, meant, text, value } from "../fields.ts";
import { readTechniques } from "../ids.ts";
import { makeAlert, type Named, named, namedInstant } from "../make-alert.ts";
import { readPortalLink } from "../portal-link.ts";
import type { Reading } from "../reading.ts";
import { armIdFromId, armIdFromLink } from "./alert-arm-id.ts";
import { type Attacked, gatherEntities } from "./gather-entities.ts";
import { productIdOf } from "./product-id.ts";
import { isOfOtherProduct, sourceOf } from "./source.ts";
import { readTactics } from "./tactics.ts";

/** One of the shapes of Defender for Cloud that keep everything in one object, under the names below. */
interface Shape {
  family: Family;
  body: Json;
  /** Path of `body` in what arrived. */
  at: string;
  type: "alertType" | "alertName";
  /** Where the shape keeps the id outside of `body`. */
  productId?: Named;
  /** Where it keeps the ids that other products of Microsoft's know their alerts by themselves. */
  idsOfOthers?: readonly string[];
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
  const { family, body, at, attacked } = shape;
  const entities = createEntities();
  const source = sourceOf(body, entities.notes);
  // Partners' alerts have one id on every way: the one that Defender for Cloud gave them.
  const own = productIdOf(body);
  const foreign = isOfOtherProduct(source) ? shape.idsOfOthers : undefined;
  const productId =
    shape.productId ?? (foreign ? named(body, at, foreign) : { at: join(at, "systemAlertId"), value: own });
  const type = named(body, at, [shape.type]);
  const systemAlertId = text(body, "systemAlertId") ?? productId.value ?? "";
  const link = firstText(body, ["alertUri", "alertLink"]);
  gatherEntities({ body, at, type: type.value ?? "", attacked }, entities);
  return makeAlert({
    family,
    source,
    productId,
    type,
    title: named(body, at, titles),
    description: text(body, "description"),
    severity: named(body, at, severities),
    status: named(body, at, statuses),
    active: "new",
    raisedAt: namedInstant(body, at, times),
    incident: isTrue(body, "isIncident"),
    tactics: readTactics(textsOf(body, ["intent", "tactics"])),
    techniques: readTechniques(textsOf(body, ["techniques", "subTechniques"])),
    references: {
      armId: armIdFromId(shape.id, systemAlertId) ?? armIdFromLink(link, own ?? systemAlertId),
      portal: readPortalLink(link),
    },
    entities,
  });
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
