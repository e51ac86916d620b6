import type { Service } from "./service-request.ts";

export const graphService = {
  origin: "https://graph.microsoft.com",
  scope: "https://graph.microsoft.com/.default",
  // Without it the members that came later, such as microsoftDefenderForCloud, read unknownFutureValue.
  headers: { prefer: "include-unknown-enum-members" },
};

/** https://learn.microsoft.com/defender-endpoint/api/exposed-apis-list; the token is asked for under the service's older name. */
export const endpointService = {
  origin: "https://api.security.microsoft.com",
  scope: "https://api.securitycenter.microsoft.com/.default",
};

/**
 * `url` is the tenant's own address, `https://TENANT.REGION.portal.cloudappsecurity.com`. The scope is "Microsoft Cloud App Security":
 * https://learn.microsoft.com/defender-cloud-apps/api-authentication-application
 */
export function cloudAppsService(url: string): Service {
  return { origin: new URL(url).origin, scope: "05a65629-4c1b-48c1-a78b-804c4abdd4af/.default" };
}
