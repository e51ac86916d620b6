import { meant } from "./fields.ts";

/** Where Microsoft's portals live, in all clouds. */
const portals =
  /^(?:portal\.azure\.(?:com|us|cn)|security\.microsoft\.(?:com|us)|securitycenter\.(?:windows|microsoft)\.com|[a-z0-9.-]+\.cloudappsecurity\.com)$/;

/** A link into Microsoft's portals, which notifications may show. Anything else is text that an alert brought along. */
export function readPortalLink(raw: unknown): string | undefined {
  const link = meant(raw);
  if (!link || link.length > 2048) return undefined;
  const [, host] = /^https:\/\/([\w.-]+)[/#?][\w\-.~:/?#[\]@!$&'()*+,;=%]*$/i.exec(link) ?? [];
  return host && portals.test(host.toLowerCase()) ? link : undefined;
}
