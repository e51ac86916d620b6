import type { Clock } from "../../../shared/clock.ts";
import type { ArmRoute } from "../resource-manager/route.ts";
import { accessRoutes } from "./access-routes.ts";
import { apiRoutes } from "./api-routes.ts";
import { fragmentRoutes, type Latency } from "./fragment-routes.ts";
import { createLongRunningOperations } from "./long-running-operations.ts";
import { namedValueRoutes } from "./named-value-routes.ts";
import { policyRoutes } from "./policy-routes.ts";
import { serviceRoutes } from "./service-routes.ts";
import type { ApiManagementService } from "./store.ts";

export interface ApiManagementOptions {
  services: readonly ApiManagementService[];
  clock: Clock;
  latency: Latency;
  /** Ends what is still running in the background. */
  closing: AbortSignal;
}

/** The api-version that @azure/arm-apimanagement 10 sends, and the one the published examples are for. */
export const apiManagementApiVersions = ["2024-05-01"];

/** Everything the simulated API Management serves at https://management.azure.com. */
export function apiManagementRoutes({ services, clock, latency, closing }: ApiManagementOptions): ArmRoute[] {
  const operations = createLongRunningOperations(clock, closing);
  return [
    ...serviceRoutes(services),
    ...apiRoutes(services),
    ...policyRoutes(services),
    ...fragmentRoutes(services, operations, latency),
    ...namedValueRoutes(services, operations),
    ...accessRoutes(services),
    ...operations.routes(services),
  ];
}
