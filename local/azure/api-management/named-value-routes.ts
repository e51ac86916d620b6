import * as z from "zod";
import type { ArmAnswer, ArmCall, ArmRoute } from "../resource-manager/route.ts";
import { checkWritePreconditions, nextEntityTag, quotedTag } from "./entity-tags.ts";
import type { LongRunningOperations } from "./long-running-operations.ts";
import { lookUp } from "./look-up.ts";
import { page } from "./paging.ts";
import { validationError } from "./policy-problem.ts";
import { notFound, onService } from "./resources.ts";
import type { ApiManagementService, NamedValue } from "./store.ts";

/** Published limits. A value kept in Key Vault is not simulated, so `value` is required. */
const NamedValueBody = z.object({
  properties: z.object({
    displayName: z
      .string()
      .min(1)
      .max(256)
      .regex(/^[A-Za-z0-9-._]+$/),
    value: z.string().max(4096),
    secret: z.boolean().default(false),
    tags: z.array(z.string()).max(32).optional(),
  }),
});

export function namedValueRoutes(
  services: readonly ApiManagementService[],
  operations: LongRunningOperations,
): ArmRoute[] {
  const path = "/namedValues/{namedValueId}";
  return [
    onService(services, {
      operationId: "NamedValue_ListByService",
      method: "GET",
      path: "/namedValues",
      answer: (service, call) =>
        page(
          call,
          Array.from(service.namedValues.values(), (value) => present(service, value)),
        ),
    }),
    ...["GET", "HEAD"].map((method) =>
      onService(services, {
        operationId: method === "GET" ? "NamedValue_Get" : "NamedValue_GetEntityTag",
        method,
        path,
        answer: (service, call) => {
          const polled = call.url.searchParams.has("asyncId")
            ? operations.answerLocationPoll(service, call)
            : undefined;
          if (polled !== undefined) return polled;
          const found = lookUp(service.namedValues, call.params.namedValueId ?? "")?.value;
          if (found === undefined) throw notFound("NamedValue");
          return { status: 200, headers: { etag: tagOf(found) }, body: present(service, found) };
        },
      }),
    ),
    onService(services, {
      operationId: "NamedValue_CreateOrUpdate",
      method: "PUT",
      path,
      answer: (service, call) => write(service, call, operations),
    }),
  ];
}

function write(service: ApiManagementService, call: ArmCall, operations: LongRunningOperations): ArmAnswer {
  const parsed = NamedValueBody.safeParse(call.body);
  if (!parsed.success) {
    throw validationError(
      parsed.error.issues.map(({ path, message }) => ({
        code: "ValidationError",
        target: String(path.at(-1) ?? "representation"),
        message,
      })),
    );
  }
  const { displayName, value, secret, tags } = parsed.data.properties;
  const id = call.params.namedValueId ?? "";
  const existing = lookUp(service.namedValues, id);
  checkWritePreconditions(call, existing === undefined ? undefined : tagOf(existing.value));
  const key = existing?.key ?? id;
  const next: NamedValue = {
    id: key,
    displayName,
    value,
    secret,
    etag: nextEntityTag(),
    ...(tags === undefined ? {} : { tags }),
  };
  const code = existing === undefined ? 201 : 200;
  const headers = operations.start(call, {
    service,
    resource: `namedValues ${key.toLowerCase()}`,
    code,
    ms: 0,
    fail: call.failOperation,
    succeed: () => service.namedValues.set(key, next),
    failed: () => {},
  });
  return { status: code, headers: { etag: tagOf(next), ...headers }, body: present(service, next, "InProgress") };
}

function present(service: ApiManagementService, namedValue: NamedValue, provisioningState?: string): object {
  const { id, displayName, value, secret = false, tags = [] } = namedValue;
  return {
    id: `${service.id}/namedValues/${id}`,
    type: "Microsoft.ApiManagement/service/namedValues",
    name: id,
    properties: {
      displayName,
      ...(secret ? {} : { value }),
      tags,
      secret,
      ...(provisioningState === undefined ? {} : { provisioningState }),
    },
  };
}

function tagOf({ etag = "AAAAAAAAMgg=" }: NamedValue): string {
  return quotedTag(etag);
}
