import { hash } from "node:crypto";
import type { Source } from "./alert.ts";

/** Short, stable, legal everywhere: instance ids and table keys allow neither `/ \ # ?` nor control characters. */
export function alertKey(source: Source, productId: string): string {
  const digest = hash("sha256", `${source}\n${withoutSource(productId).toLowerCase()}`, "hex");
  return `${source}-${digest.slice(0, 32)}`;
}

/**
 * XDR puts two letters for the source before the id that the product gave ("da" Endpoint, "fa" Office 365, "sn" Sentinel): Graph's `id`,
 * the stream's `AlertId` and ids in workspaces are "da09e47ccc-…_1" where Graph's `providerAlertId` is "09e47ccc-…_1". Ids that do not go
 * on with a GUID ("da637551227677560813_-961444813") are the product's own as they stand. Cloud Apps' own ids have 24 digits in the place
 * of a GUID, with "ca" before them in the links of XDR's portal.
 */
export function withoutSource(productId: string): string {
  return productId.replace(
    /^(?:[a-z]{2}(?=[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:_\d+)?$)|ca(?=[0-9a-f]{24}$))/i,
    "",
  );
}
