import { ArmError } from "../resource-manager/arm-error.ts";
import type { ArmAnswer, ArmCall, ArmRoute } from "../resource-manager/route.ts";
import type { ApiManagementService } from "./store.ts";

export const servicesPath = "/subscriptions/{subscriptionId}/providers/Microsoft.ApiManagement/service";
export const groupServicesPath =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.ApiManagement/service";
export const servicePath = `${groupServicesPath}/{serviceName}`;

export interface ServiceRoute {
  operationId: string;
  method: string;
  /** Below the service: `/policyFragments/{id}`. */
  path: string;
  answer(service: ApiManagementService, call: ArmCall): ArmAnswer;
}

/** A route below one service: the service is found first, or the 404 of ARM is answered. */
export function onService(services: readonly ApiManagementService[], route: ServiceRoute): ArmRoute {
  return {
    ...route,
    path: `${servicePath}${route.path}`,
    answer: (call) => route.answer(findService(services, call.params), call),
  };
}

/** The services of a subscription, or of one of its resource groups. */
export function servicesIn(
  services: readonly ApiManagementService[],
  params: ArmCall["params"],
): ApiManagementService[] {
  const subscription = params.subscriptionId ?? "";
  const group = params.resourceGroupName;
  const inSubscription = services.filter(({ id }) => same(id.split("/")[2], subscription));
  if (inSubscription.length === 0) {
    throw new ArmError(404, "SubscriptionNotFound", `The subscription '${subscription}' could not be found.`);
  }
  if (group === undefined) return inSubscription;
  const inGroup = inSubscription.filter(({ id }) => same(id.split("/")[4], group));
  if (inGroup.length === 0) {
    throw new ArmError(404, "ResourceGroupNotFound", `Resource group '${group}' could not be found.`);
  }
  return inGroup;
}

export function findService(
  services: readonly ApiManagementService[],
  params: ArmCall["params"],
): ApiManagementService {
  const name = params.serviceName ?? "";
  const found = servicesIn(services, params).find((service) => same(service.name, name));
  if (found !== undefined) return found;
  throw new ArmError(
    404,
    "ResourceNotFound",
    `The Resource 'Microsoft.ApiManagement/service/${name}' under resource group '${params.resourceGroupName}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}

/** API Management's own 404, e.g. `PolicyFragment not found.` (hashicorp/terraform-provider-azurerm#26959). */
export function notFound(entity: string): ArmError {
  return new ArmError(404, "ResourceNotFound", `${entity} not found.`, { details: null });
}

function same(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}
