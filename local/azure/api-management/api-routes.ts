import type { ArmRoute } from "../resource-manager/route.ts";
import { quotedTag } from "./entity-tags.ts";
import { lookUp } from "./look-up.ts";
import { page } from "./paging.ts";
import { notFound, onService } from "./resources.ts";
import type { Api, ApiManagementService, Operation } from "./store.ts";

/** APIs and operations never change here, so all of them share one tag. */
const unchanging = quotedTag("AAAAAAAAMgg=");

export function apiRoutes(services: readonly ApiManagementService[]): ArmRoute[] {
  return [
    onService(services, {
      operationId: "Api_ListByService",
      method: "GET",
      path: "/apis",
      answer: (service, call) =>
        page(
          call,
          Array.from(service.apis.values(), (api) =>
            presentApi(service, api, call.url.searchParams.get("expandApiVersionSet") === "true"),
          ),
        ),
    }),
    ...["GET", "HEAD"].map((method) =>
      onService(services, {
        operationId: method === "GET" ? "Api_Get" : "Api_GetEntityTag",
        method,
        path: "/apis/{apiId}",
        answer: (service, { params }) => ({
          status: 200,
          headers: { etag: unchanging },
          body: presentApi(service, findApi(service, params.apiId)),
        }),
      }),
    ),
    onService(services, {
      operationId: "ApiOperation_ListByApi",
      method: "GET",
      path: "/apis/{apiId}/operations",
      answer: (service, call) => {
        const api = findApi(service, call.params.apiId);
        return page(
          call,
          Array.from(api.operations.values(), (operation) => presentOperation(service, api, operation)),
        );
      },
    }),
    ...["GET", "HEAD"].map((method) =>
      onService(services, {
        operationId: method === "GET" ? "ApiOperation_Get" : "ApiOperation_GetEntityTag",
        method,
        path: "/apis/{apiId}/operations/{operationId}",
        answer: (service, { params }) => {
          const api = findApi(service, params.apiId);
          const operation = findOperation(api, params.operationId);
          return { status: 200, headers: { etag: unchanging }, body: presentOperation(service, api, operation) };
        },
      }),
    ),
  ];
}

/** `orders`, or `orders;rev=2`. The current revision answers to its number too. */
export function findApi(service: Pick<ApiManagementService, "apis">, id = ""): Api {
  const direct = lookUp(service.apis, id)?.value;
  if (direct !== undefined) return direct;
  const [plain = "", revision] = id.split(";rev=");
  const current = lookUp(service.apis, plain)?.value;
  if (current === undefined || revision !== revisionOf(current)) throw notFound("API");
  return current;
}

export function findOperation(api: Api, id = ""): Operation {
  const found = lookUp(api.operations, id)?.value;
  if (found === undefined) throw notFound("Operation");
  return found;
}

/** A list names the version set; what is in it comes only on request. */
function presentVersion(service: ApiManagementService, { id, displayName, version }: Api, expand: boolean): object {
  if (version === undefined) return {};
  const set = {
    id: `${service.id}/apiVersionSets/${id}-versions`,
    name: displayName,
    versioningScheme: version.scheme,
  };
  return { apiVersion: version.name, apiVersionSetId: set.id, ...(expand ? { apiVersionSet: set } : {}) };
}

function presentApi(service: ApiManagementService, api: Api, expandVersionSet = false): object {
  return {
    id: `${service.id}/apis/${api.id}`,
    type: "Microsoft.ApiManagement/service/apis",
    name: api.id,
    properties: {
      displayName: api.displayName,
      apiRevision: revisionOf(api),
      isCurrent: api.isCurrent ?? true,
      subscriptionRequired: api.subscriptionRequired,
      ...(api.serviceUrl === undefined ? {} : { serviceUrl: api.serviceUrl }),
      path: api.path,
      ...presentVersion(service, api, expandVersionSet),
      protocols: ["https"],
    },
  };
}

function presentOperation(service: ApiManagementService, api: Api, operation: Operation): object {
  const { id, displayName, method, urlTemplate } = operation;
  const names = Array.from(urlTemplate.matchAll(/\{\*?([^}]+)\}/g), (match) => match[1] ?? "");
  return {
    id: `${service.id}/apis/${api.id}/operations/${id}`,
    type: "Microsoft.ApiManagement/service/apis/operations",
    name: id,
    properties: {
      displayName,
      method,
      urlTemplate,
      templateParameters: names.map((name) => ({ name, type: "string", required: true, values: [] })),
      responses: [],
    },
  };
}

export function revisionOf(api: Api): string {
  return api.revision ?? api.id.split(";rev=")[1] ?? "1";
}
