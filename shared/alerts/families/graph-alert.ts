import { createEntities } from "../entities.ts";
import { inner, type Json, text, texts, value } from "../fields.ts";
import { readPortalLink } from "../portal-link.ts";
import { sourceOfProduct } from "../products.ts";
import type { Reading } from "../reading.ts";
import { odataType, readGraphEvidence } from "../xdr/graph-evidence.ts";
import { readXdrAlert } from "../xdr/xdr-alert.ts";

/** `GET /security/alerts_v2`: https://learn.microsoft.com/graph/api/resources/security-alert */
export function isGraphAlert(payload: Json): boolean {
  return (
    (Array.isArray(value(payload, "evidence")) && typeof value(payload, "serviceSource") === "string") ||
    /^#?microsoft\.graph\.security\.alert$/i.test(odataType(payload) ?? "")
  );
}

export function readGraphAlert(payload: Json, at: string): Reading {
  const entities = createEntities();
  readGraphEvidence(payload, at, entities);
  const graphId = text(payload, "id");
  return readXdrAlert({
    family: "graph-alert",
    source: sourceOfProduct(namesOf(payload)),
    body: payload,
    at,
    ids: ["providerAlertId", "id"],
    raisedAt: ["firstActivityDateTime", "createdDateTime"],
    updatedAt: "lastUpdateDateTime",
    techniques: texts(payload, "mitreTechniques"),
    extended: inner(payload, "additionalData", at),
    references: { graphId: graphId && graphId.length <= 256 ? graphId : undefined, portal: portalOf(payload) },
    entities,
  });
}

/**
 * Products newer than the enumeration read "unknownFutureValue" unless they were asked for; the product's name is given all the same.
 * What detected it tells the product only where nothing else does.
 */
function namesOf(payload: Json): (string | undefined)[] {
  const service = text(payload, "serviceSource");
  const isNamed = service !== undefined && service.toLowerCase() !== "unknownfuturevalue";
  return [service, text(payload, "productName"), isNamed ? undefined : text(payload, "detectionSource")];
}

/** Alerts of Graph are shown in the portal of Defender XDR, nowhere else. */
function portalOf(payload: Json): string | undefined {
  const link = readPortalLink(value(payload, "alertWebUrl"));
  return link?.toLowerCase().startsWith("https://security.microsoft.com/") ? link : undefined;
}
