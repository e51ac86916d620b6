import { type Json, text, texts, value } from "../fields.ts";
import { readPortalLink } from "../portal-link.ts";
import { sourceOfProduct } from "../products.ts";
import type { Reading } from "../reading.ts";
import { createFindings } from "../xdr/findings.ts";
import { readXdrAlert } from "../xdr/xdr-alert.ts";
import { odataType, readGraphEvidence } from "./graph-evidence.ts";

/** `GET /security/alerts_v2`: https://learn.microsoft.com/graph/api/resources/security-alert */
export function isGraphAlert(payload: Json): boolean {
  return (
    /^#?microsoft\.graph\.security\.alert$/i.test(odataType(payload) ?? "") ||
    (Array.isArray(value(payload, "evidence")) && typeof value(payload, "serviceSource") === "string")
  );
}

export function readGraphAlert(payload: Json, at: string): Reading {
  const findings = createFindings();
  // Products newer than the enumeration read "unknownFutureValue" unless they were asked for; the product's name is given all the same.
  const names = ["serviceSource", "productName", "detectionSource"].map((name) => text(payload, name));
  const source = sourceOfProduct(names);
  if (!source) findings.notes.push(`${at}serviceSource is of no product that is known here`);
  readGraphEvidence(payload, at, findings);
  const graphId = text(payload, "id");
  const portal = portalOf(payload);
  return readXdrAlert({
    family: "graph-alert",
    source: source ?? "other",
    body: payload,
    at,
    ids: ["providerAlertId", "id"],
    raisedAt: ["firstActivityDateTime", "createdDateTime"],
    updatedAt: "lastUpdateDateTime",
    techniques: texts(payload, "mitreTechniques"),
    references: { ...(graphId && graphId.length <= 256 && { graphId }), ...(portal && { portal }) },
    findings,
  });
}

/** Alerts of Graph are shown in the portal of Defender XDR, nowhere else. */
function portalOf(payload: Json): string | undefined {
  const link = readPortalLink(value(payload, "alertWebUrl"));
  return link?.toLowerCase().startsWith("https://security.microsoft.com/") ? link : undefined;
}
