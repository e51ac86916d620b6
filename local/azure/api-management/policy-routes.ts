import type { ArmAnswer, ArmCall, ArmRoute } from "../resource-manager/route.ts";
import { findApi, findOperation } from "./api-routes.ts";
import { checkRequiredIfMatch, checkWritePreconditions, nextEntityTag, quotedTag } from "./entity-tags.ts";
import { lookUp } from "./look-up.ts";
import { page } from "./paging.ts";
import type { Scope } from "./policy-catalogue.ts";
import { acceptPolicy, presentAs, readFormat, readPolicyBody } from "./policy-text.ts";
import { rememberPrevious, staleVersion } from "./previous-versions.ts";
import { notFound, onService, type ServiceRoute } from "./resources.ts";
import type { ApiManagementService, StoredDocument } from "./store.ts";

interface PolicyScope {
  scope: Scope;
  /** Below the service, before `/policies`. */
  path: string;
  /** Group of operations in the specification. */
  group: string;
  list: string;
  /** The store's key; throws the 404 of an API, operation or product that does not exist. */
  key(service: ApiManagementService, params: ArmCall["params"]): string;
}

const policyScopes: readonly PolicyScope[] = [
  { scope: "global", path: "", group: "Policy", list: "ListByService", key: () => "" },
  {
    scope: "product",
    path: "/products/{productId}",
    group: "ProductPolicy",
    list: "ListByProduct",
    key: (service, params) => `products/${findProduct(service, params.productId)}`,
  },
  {
    scope: "api",
    path: "/apis/{apiId}",
    group: "ApiPolicy",
    list: "ListByApi",
    key: (service, params) => `apis/${findApi(service, params.apiId).id}`,
  },
  {
    scope: "operation",
    path: "/apis/{apiId}/operations/{operationId}",
    group: "ApiOperationPolicy",
    list: "ListByOperation",
    key: (service, params) => {
      const api = findApi(service, params.apiId);
      return `apis/${api.id}/operations/${findOperation(api, params.operationId).id}`;
    },
  },
  {
    scope: "workspace",
    path: "/workspaces/{workspaceId}",
    group: "WorkspacePolicy",
    list: "ListByApi",
    key: (service, params) => `workspaces/${findWorkspace(service, params.workspaceId).id}`,
  },
  {
    scope: "api",
    path: "/workspaces/{workspaceId}/apis/{apiId}",
    group: "WorkspaceApiPolicy",
    list: "ListByApi",
    key: (service, params) => {
      const workspace = findWorkspace(service, params.workspaceId);
      return `workspaces/${workspace.id}/apis/${findApi(workspace, params.apiId).id}`;
    },
  },
];

/** Reads that a stale-read fault can be placed on. */
export const stalePolicyReads = policyScopes.map(({ group }) => `${group}_Get`);

export function policyRoutes(services: readonly ApiManagementService[]): ArmRoute[] {
  return policyScopes.flatMap(routesOf).map((route) => onService(services, route));
}

function routesOf(policyScope: PolicyScope): ServiceRoute[] {
  const { group, list, key } = policyScope;
  const path = `${policyScope.path}/policies/{policyId}`;
  return [
    {
      operationId: `${group}_${list}`,
      method: "GET",
      path: `${policyScope.path}/policies`,
      answer: (service, call) => {
        const at = key(service, call.params);
        const stored = lookUp(service.policies, at)?.value;
        return page(call, stored === undefined ? [] : [present(service, at, { value: stored.xml })]);
      },
    },
    {
      operationId: `${group}_Get`,
      method: "GET",
      path,
      answer: (service, call) => read(service, key(service, call.params), call),
    },
    {
      operationId: `${group}_GetEntityTag`,
      method: "HEAD",
      path,
      answer: (service, call) => read(service, key(service, call.params), call),
    },
    {
      operationId: `${group}_CreateOrUpdate`,
      method: "PUT",
      path,
      answer: (service, call) => write(service, key(service, call.params), policyScope.scope, call),
    },
    {
      operationId: `${group}_Delete`,
      method: "DELETE",
      path,
      answer: (service, call) => remove(service, key(service, call.params), call),
    },
  ];
}

function read(service: ApiManagementService, key: string, call: ArmCall): ArmAnswer {
  checkPolicyId(call);
  const format = readFormat(call.url);
  const current = lookUp(service.policies, key)?.value;
  const stored = call.staleRead ? staleVersion(service, memory(key), current) : current;
  if (stored === undefined) throw notFound("Policy");
  const value = presentAs(stored.xml, format);
  return answerWith(200, stored, present(service, key, format === "rawxml" ? { format, value } : { value }));
}

function write(service: ApiManagementService, key: string, scope: Scope, call: ArmCall): ArmAnswer {
  checkPolicyId(call);
  const existing = lookUp(service.policies, key);
  const xml = acceptPolicy(readPolicyBody(call.body), service, scope);
  checkWritePreconditions(call, existing?.value.etag);
  const stored: StoredDocument = { xml, etag: nextEntityTag() };
  rememberPrevious(service, memory(key), existing?.value);
  service.policies.set(existing?.key ?? key, stored);
  // Whatever the format of the request, the answer is the stored text (published example CreateApiPolicyNonXmlEncoded).
  return answerWith(existing === undefined ? 201 : 200, stored, present(service, key, { value: xml }));
}

function remove(service: ApiManagementService, key: string, call: ArmCall): ArmAnswer {
  checkPolicyId(call);
  const existing = lookUp(service.policies, key);
  if (existing === undefined) return { status: 204 };
  checkRequiredIfMatch(call, existing.value.etag);
  rememberPrevious(service, memory(key), existing.value);
  service.policies.delete(existing.key);
  return { status: 200 };
}

function present(service: ApiManagementService, key: string, properties: object): object {
  const parent = key === "" ? "" : `/${key}`;
  const types = key.split("/").filter((_, index) => index % 2 === 0 && key !== "");
  return {
    id: `${service.id}${parent}/policies/policy`,
    type: ["Microsoft.ApiManagement/service", ...types, "policies"].join("/"),
    name: "policy",
    properties,
  };
}

function answerWith(status: number, stored: StoredDocument, body: object): ArmAnswer {
  return { status, headers: { etag: quotedTag(stored.etag) }, body };
}

/** `policy` is the only policy id there is. */
function checkPolicyId({ params }: ArmCall): void {
  if (params.policyId?.toLowerCase() !== "policy") throw notFound("Policy");
}

/** A product is one that the service lists, or one that has a policy already. */
function findWorkspace({ workspaces = new Map() }: ApiManagementService, id = "") {
  const found = lookUp(workspaces, id)?.value;
  if (found === undefined) throw notFound("Workspace");
  return found;
}

function findProduct(service: ApiManagementService, id = ""): string {
  const listed = lookUp(service.products ?? new Map(), id)?.key;
  const withPolicy = lookUp(service.policies, `products/${id}`)?.key.slice("products/".length);
  const found = listed ?? withPolicy;
  if (found === undefined) throw notFound("Product");
  return found;
}

function memory(key: string): string {
  return `policies ${key}`;
}
