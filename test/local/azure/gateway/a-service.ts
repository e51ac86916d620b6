import type { Api, ApiManagementService, Operation } from "../../../../local/azure/api-management/store.ts";

/** A service with two APIs: `orders` (list, get, place) and `orders/archive` (a year, and everything else). */
export function aService(
  policies: Record<string, string> = {},
  fragments: Record<string, string> = {},
): ApiManagementService {
  return {
    id: "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.ApiManagement/service/contoso",
    name: "contoso",
    location: "westeurope",
    sku: "Developer",
    gatewayHost: "contoso.azure-api.net",
    apis: new Map([
      [
        "orders-api",
        anApi("orders-api", "orders", [
          ["list", "GET", "/"],
          ["get", "GET", "/{orderId}"],
          ["latest", "GET", "/latest"],
          ["place", "POST", "/"],
        ]),
      ],
      [
        "archive-api",
        anApi("archive-api", "orders/archive", [
          ["any", "GET", "/*"],
          ["year", "GET", "/{year}"],
          ["search", "GET", "/{year}?q={text}"],
        ]),
      ],
    ]),
    namedValues: new Map(),
    fragments: new Map(
      Object.entries(fragments).map(([id, xml]) => [id, { xml, etag: "1", provisioningState: "Succeeded" }]),
    ),
    policies: new Map(Object.entries(policies).map(([scope, xml]) => [scope, { xml, etag: "1" }])),
  };
}

export function inbound(...elements: string[]): string {
  return `<policies><inbound>${elements.join("")}</inbound><backend><base/></backend><outbound><base/></outbound></policies>`;
}

export function findOperation(
  service: ApiManagementService,
  apiId: string,
  id: string,
): { api: Api; operation: Operation } {
  const api = service.apis.get(apiId);
  const operation = api?.operations.get(id);
  if (!api || !operation) throw new Error(`the test's service has no operation ${apiId}/${id}`);
  return { api, operation };
}

function anApi(id: string, path: string, operations: [id: string, method: string, urlTemplate: string][]): Api {
  return {
    id,
    displayName: id,
    path,
    subscriptionRequired: true,
    operations: new Map(
      operations.map(([operationId, method, urlTemplate]) => [
        operationId,
        { id: operationId, displayName: operationId, method, urlTemplate },
      ]),
    ),
  };
}
