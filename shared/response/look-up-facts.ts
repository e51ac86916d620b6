import type { Alert } from "../alerts/alert.ts";
import { isApiManagementService, parseArmId, sameArmId } from "../arm-id.ts";
import type { ApiManagement, ListedApi, ListedOperation } from "../azure/api-management.ts";
import { AzureError } from "../azure/azure-error.ts";
import type { Fresh } from "../azure/fresh.ts";
import type { Facts } from "../playbooks/facts.ts";
import { matchApis, matchOperation } from "./match-operation.ts";

export interface Inventory {
  apiManagement: ApiManagement;
  hosts: Fresh<string[]>;
  apis: Fresh<ListedApi[]>;
  operations: Fresh<ListedOperation[]>;
}

/** Looks up what a decision needs to know about an alert. Reads only; only services that the installation was given are asked. */
export async function lookUpFacts(alert: Alert, known: readonly string[], inventory: Inventory): Promise<Facts> {
  const service = await findService(alert, known, inventory);
  if ("miss" in service) return { service, endpoint: service };
  if (!known.some((id) => sameArmId(id, service.id))) {
    return { service, endpoint: { miss: "this API Management service is not in PORTCULLIS_API_MANAGEMENT" } };
  }
  return { service, endpoint: await orMiss(() => findEndpoint(alert, service.id, inventory)) };
}

async function findService(alert: Alert, known: readonly string[], inventory: Inventory): Promise<Facts["service"]> {
  const named = alert.entities.flatMap((entity) => {
    const id = entity.kind === "azure-resource" ? parseArmId(entity.resourceId) : undefined;
    return id && isApiManagementService(id) ? [id.id] : [];
  });
  const [first, ...others] = named.filter((id, index) => named.findIndex((other) => sameArmId(other, id)) === index);
  if (others.length > 0) return { miss: `the alert names ${others.length + 1} API Management services` };
  // The letter case of the settings, not the alert's: ids arrive in all of them.
  if (first) return { id: known.find((id) => sameArmId(id, first)) ?? first };

  const host = endpointOf(alert)?.host;
  if (!host) return { miss: "the alert names no API Management service and no API endpoint" };
  return findByHost(host, known, inventory);
}

/** This service does not answer for the host. */
class NotItsHost extends Error {
  override readonly name = "NotItsHost";
}

/**
 * Asks all services at once. The first that claims the host is the one, and what became of the others does not matter: a dead service
 * must not hold up an alert about another. If nobody claims it, what may pass by itself is thrown and not recorded as a miss, unlike in
 * the look-ups of an enrichment: they only add to a decision, but this one finds its target, and a recorded miss would refuse every
 * step for good because Azure was throttled for a minute.
 */
async function findByHost(host: string, known: readonly string[], inventory: Inventory): Promise<Facts["service"]> {
  const claims = known.map(async (id) => {
    const hosts = await inventory.hosts.get(id, () => inventory.apiManagement.gatewayHosts(id));
    if (!hosts.includes(host)) throw new NotItsHost();
    return { id };
  });
  const claim = await Promise.any(claims).catch(() => undefined);
  if (claim) return claim;
  const unread: string[] = [];
  for (const one of await Promise.allSettled(claims)) {
    if (one.status === "fulfilled" || one.reason instanceof NotItsHost) continue;
    if (!(one.reason instanceof AzureError) || one.reason.transient) throw one.reason;
    unread.push(one.reason.message);
  }
  const miss = `no API Management service of PORTCULLIS_API_MANAGEMENT answers for ${host}`;
  return { miss: [miss, ...unread].join("; ") };
}

async function findEndpoint(alert: Alert, serviceId: string, inventory: Inventory): Promise<Facts["endpoint"]> {
  const endpoint = endpointOf(alert);
  if (!endpoint) return { miss: "the alert names no API endpoint" };
  const hosts = await inventory.hosts.get(serviceId, () => inventory.apiManagement.gatewayHosts(serviceId));
  if (!hosts.includes(endpoint.host)) {
    return { miss: `${endpoint.host} is no gateway of the API Management service that the alert names` };
  }
  const apis = await inventory.apis.get(serviceId, () => inventory.apiManagement.apis(serviceId));
  const [match, ...others] = matchApis(apis, endpoint.path);
  if (!match) return { miss: `no API of the service has a path that ${endpoint.path} begins with` };
  if (others.length > 0) {
    const names = [match, ...others].map(({ api }) => api.id).join(", ");
    return { miss: `the APIs ${names} share this path, and the alert does not say which was called` };
  }
  const apiId = match.api.id;
  const operations = await inventory.operations.get(`${serviceId}/${apiId}`, () =>
    inventory.apiManagement.operations(serviceId, apiId),
  );
  const operation = matchOperation(operations, endpoint.method, match.rest);
  return operation ? { apiId, operationId: operation.id } : { apiId };
}

/** Whether API and operation exist: for targets that a person names by id. */
export async function confirmEndpoint(
  serviceId: string,
  wanted: WantedEndpoint,
  inventory: Inventory,
): Promise<Facts["endpoint"]> {
  return orMiss(() => findNamed(serviceId, wanted, inventory));
}

interface WantedEndpoint {
  apiId: string;
  operationId?: string | undefined;
}

async function findNamed(
  serviceId: string,
  { apiId, operationId }: WantedEndpoint,
  inventory: Inventory,
): Promise<Facts["endpoint"]> {
  const apis = await inventory.apis.get(serviceId, () => inventory.apiManagement.apis(serviceId));
  if (!apis.some(({ id }) => id === apiId)) return { miss: `the service has no API ${apiId}` };
  if (operationId === undefined) return { apiId };
  const operations = await inventory.operations.get(`${serviceId}/${apiId}`, () =>
    inventory.apiManagement.operations(serviceId, apiId),
  );
  if (!operations.some(({ id }) => id === operationId)) return { miss: `API ${apiId} has no operation ${operationId}` };
  return { apiId, operationId };
}

/** What a retry cannot mend is a miss, with the reason; what it may mend is thrown, and the whole step tried again. */
async function orMiss(look: () => Promise<Facts["endpoint"]>): Promise<Facts["endpoint"]> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof AzureError && !error.transient) return { miss: error.message };
    throw error;
  }
}

function endpointOf(alert: Alert) {
  return alert.entities.find((entity) => entity.kind === "api-endpoint");
}
