import { ArmError } from "../resource-manager/arm-error.ts";
import type { ArmAnswer, ArmCall, ArmRoute } from "../resource-manager/route.ts";
import { checkRequiredIfMatch, checkWritePreconditions, nextEntityTag, quotedTag } from "./entity-tags.ts";
import { policiesIncluding } from "./fragment-references.ts";
import type { LongRunningOperations } from "./long-running-operations.ts";
import { lookUp } from "./look-up.ts";
import { page } from "./paging.ts";
import { validationError } from "./policy-problem.ts";
import { acceptFragment, presentAs, readFormat, readPolicyBody } from "./policy-text.ts";
import { rememberPrevious, staleVersion } from "./previous-versions.ts";
import { notFound, onService } from "./resources.ts";
import type { ApiManagementService, Fragment } from "./store.ts";

/** How long the simulated service takes over its writes; may be changed while it runs. */
export interface Latency {
  fragmentWriteMs: number;
}

// Published pattern and length of a fragment's id.
const idPattern = /(^[\w]+$)|(^[\w][\w-]+[\w]$)/;

export function fragmentRoutes(
  services: readonly ApiManagementService[],
  operations: LongRunningOperations,
  latency: Latency,
): ArmRoute[] {
  const path = "/policyFragments/{id}";
  const read = (service: ApiManagementService, call: ArmCall) => readFragment(service, call, operations);
  return [
    onService(services, {
      operationId: "PolicyFragment_ListByService",
      method: "GET",
      path: "/policyFragments",
      answer: (service, call) =>
        page(
          call,
          Array.from(service.fragments, ([id, fragment]) => present(service, id, fragment, fragment.xml)),
        ),
    }),
    onService(services, { operationId: "PolicyFragment_Get", method: "GET", path, answer: read }),
    onService(services, { operationId: "PolicyFragment_GetEntityTag", method: "HEAD", path, answer: read }),
    onService(services, {
      operationId: "PolicyFragment_CreateOrUpdate",
      method: "PUT",
      path,
      answer: (service, call) => write(service, call, operations, latency.fragmentWriteMs),
    }),
    onService(services, {
      operationId: "PolicyFragment_Delete",
      method: "DELETE",
      path,
      answer: (service, call) => remove(service, call, operations),
    }),
    onService(services, {
      operationId: "PolicyFragment_ListReferences",
      method: "POST",
      path: `${path}/listReferences`,
      answer: (service, call) => {
        const { key } = find(service, call);
        return page(
          call,
          policiesIncluding(service, key).map((policy) => reference(service, policy)),
        );
      },
    }),
  ];
}

function readFragment(service: ApiManagementService, call: ArmCall, operations: LongRunningOperations): ArmAnswer {
  const format = readFormat(call.url);
  const polled = call.url.searchParams.has("asyncId") ? operations.answerLocationPoll(service, call) : undefined;
  if (polled !== undefined) return polled;
  const id = call.params.id ?? "";
  const current = lookUp(service.fragments, id);
  const shown = call.staleRead ? staleVersion(service, memory(id), current?.value) : current?.value;
  if (shown === undefined) throw notFound("PolicyFragment");
  const fragment: Fragment = { provisioningState: "Succeeded", ...current?.value, ...shown };
  const body = present(service, current?.key ?? id, fragment, presentAs(fragment.xml, format), format);
  return { status: 200, headers: { etag: quotedTag(fragment.etag) }, body };
}

/**
 * Until the operation is over the old text is the one in force, for the gateway and for readers. A second write meanwhile
 * answers 409: what API Management does for APIs (Azure/apiops#141); for fragments it is not documented.
 */
function write(service: ApiManagementService, call: ArmCall, operations: LongRunningOperations, ms: number): ArmAnswer {
  const id = call.params.id ?? "";
  if (!idPattern.test(id) || id.length > 80) {
    throw validationError([
      {
        code: "ValidationError",
        target: "id",
        message: `The fragment id '${id}' must match ${idPattern.source} and have at most 80 characters.`,
      },
    ]);
  }
  const body = readPolicyBody(call.body);
  const xml = acceptFragment(body, service);
  const existing = lookUp(service.fragments, id);
  refuseWhileRunning(service, existing?.key ?? id, operations);
  checkWritePreconditions(call, existing?.value.etag);

  const key = existing?.key ?? id;
  const { description } = body;
  const next: Fragment = {
    xml,
    etag: nextEntityTag(),
    provisioningState: "Succeeded",
    ...(description === undefined ? {} : { description }),
  };
  const previous: Fragment | undefined = existing && { ...existing.value, provisioningState: "Succeeded" };
  if (existing !== undefined) existing.value.provisioningState = "InProgress";
  const code = existing === undefined ? 201 : 200;
  const headers = operations.start(call, {
    service,
    resource: memory(key),
    code,
    ms,
    fail: call.failOperation,
    succeed: () => {
      rememberPrevious(service, memory(key), previous);
      service.fragments.set(key, next);
    },
    failed: () => {
      if (existing !== undefined) existing.value.provisioningState = "Failed";
    },
  });
  const answer = present(service, key, { ...next, provisioningState: "InProgress" }, xml);
  return { status: code, headers: { etag: quotedTag(next.etag), ...headers }, body: answer };
}

function remove(service: ApiManagementService, call: ArmCall, operations: LongRunningOperations): ArmAnswer {
  const existing = lookUp(service.fragments, call.params.id ?? "");
  if (existing === undefined) return { status: 204 };
  const { key, value } = existing;
  refuseWhileRunning(service, key, operations);
  checkRequiredIfMatch(call, value.etag);
  const users = policiesIncluding(service, key);
  if (users.length > 0) {
    const list = users.map((policy) => `${relativePath(policy)}\r\n`).join("");
    // Published wording: Azure/apiops-cli#261.
    throw new ArmError(
      400,
      "ValidationError",
      `The Policy Fragment '${key}' is used by the following entities:\r\n${list}`,
      {
        details: null,
      },
    );
  }
  rememberPrevious(service, memory(key), value);
  service.fragments.delete(key);
  return { status: 200 };
}

function refuseWhileRunning(service: ApiManagementService, key: string, operations: LongRunningOperations): void {
  if (!operations.isRunning(service, memory(key))) return;
  throw new ArmError(409, "PessimisticConcurrencyConflict", "Operation on the PolicyFragment is in progress", {
    details: null,
  });
}

function find(service: ApiManagementService, { params }: ArmCall): { key: string; value: Fragment } {
  const found = lookUp(service.fragments, params.id ?? "");
  if (found === undefined) throw notFound("PolicyFragment");
  return found;
}

function present(service: ApiManagementService, id: string, fragment: Fragment, value: string, format = "xml"): object {
  const { description, provisioningState } = fragment;
  return {
    id: `${service.id}/policyFragments/${id}`,
    type: "Microsoft.ApiManagement/service/policyFragments",
    name: id,
    properties: {
      format,
      ...(description === undefined ? {} : { description }),
      value,
      ...(provisioningState === "Succeeded" ? {} : { provisioningState }),
    },
  };
}

function reference(service: ApiManagementService, policy: string): object {
  const types = relativePath(policy)
    .split("/")
    .filter((_, index) => index % 2 === 1);
  return {
    id: `${service.id}${relativePath(policy)}`,
    type: ["Microsoft.ApiManagement/service", ...types].join("/"),
    name: "policy",
  };
}

function relativePath(policy: string): string {
  return `${policy === "" ? "" : `/${policy}`}/policies/policy`;
}

function memory(id: string): string {
  return `fragments ${id.toLowerCase()}`;
}
