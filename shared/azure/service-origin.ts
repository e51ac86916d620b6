import { armEndpoint } from "./arm-request.ts";
import type { ServiceName } from "./ask.ts";
import { endpointService, graphService } from "./services.ts";

/** Where a service is, for people who read a plan; Cloud Apps has an address of its own for each tenant. */
export function serviceOrigin(service: ServiceName, cloudAppsUrl: string | undefined): string {
  switch (service) {
    case "resource-manager":
      return armEndpoint;
    case "graph":
    case "applications":
      return graphService.origin;
    case "endpoint":
      return endpointService.origin;
    case "cloud-apps":
      return cloudAppsUrl === undefined
        ? "https://TENANT.REGION.portal.cloudappsecurity.com"
        : new URL(cloudAppsUrl).origin;
  }
}
