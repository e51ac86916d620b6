import type { ApiManagementClient } from "@azure/arm-apimanagement";
import * as z from "zod";
import { parseArmId } from "../arm-id.ts";
import { armEndpoint, armRequest } from "./arm-request.ts";
import { AzureError } from "./azure-error.ts";
import type { Connection } from "./connection.ts";
import { timeLimit } from "./time-limit.ts";

/** The version that @azure/arm-apimanagement 10 speaks. */
const apiManagementVersion = "2024-05-01";

/** A policy document or fragment as `format=xml` text, with the version it was read at. */
export interface StoredPolicy {
  xml: string;
  etag: string;
}

export interface StoredFragment extends StoredPolicy {
  /** Whether an asynchronous write is still under way, or ended badly. */
  state: "InProgress" | "Succeeded" | "Failed";
}

export interface ListedApi {
  id: string;
  /** URL path without slashes at the ends, with the version segment where the API has one. */
  path: string;
}

export interface ListedOperation {
  id: string;
  method: string;
  urlTemplate: string;
}

/** Write only what nobody changed since, or only what is not there yet. */
export type Precondition = { ifMatch: string } | { ifNoneMatch: "*" };

/** Calls to API Management; every method throws AzureError, and answers undefined for what is absent. */
export interface ApiManagement {
  gatewayHosts(serviceId: string): Promise<string[]>;
  /** The name of its sku: `Consumption`, `Developer`, `StandardV2`. */
  tier(serviceId: string): Promise<string>;
  apis(serviceId: string): Promise<ListedApi[]>;
  operations(serviceId: string, apiId: string): Promise<ListedOperation[]>;
  /** `""` is the global policy; `apis/{id}` and `apis/{id}/operations/{id}` the narrower ones. */
  policy(serviceId: string, scope: string): Promise<StoredPolicy | undefined>;
  putPolicy(serviceId: string, scope: string, xml: string, precondition: Precondition): Promise<void>;
  fragment(serviceId: string, fragmentId: string): Promise<StoredFragment | undefined>;
  /** Submits the write; that it was accepted does not yet mean that it holds. Answers where to ask how it ended. */
  putFragment(
    serviceId: string,
    fragmentId: string,
    xml: string,
    precondition: Precondition,
  ): Promise<string | undefined>;
  /** How an accepted write failed, if it did: API Management refuses some documents only after it has accepted them. */
  writeFault(serviceId: string, location: string): Promise<AzureError | undefined>;
}

const Stored = z.object({
  properties: z.object({ value: z.string().min(1), provisioningState: z.string().optional() }),
});

export function createApiManagement(connection: () => Promise<Connection>): ApiManagement {
  const clients = new Map<string, Promise<ApiManagementClient>>();
  /** Kept for good: a service never moves to Consumption or from it, and the other tiers differ in nothing that is written. */
  const tiers = new Map<string, Promise<string>>();

  async function open(subscriptionId: string): Promise<ApiManagementClient> {
    const [{ ApiManagementClient }, { redirectPolicyName }] = await Promise.all([
      import("@azure/arm-apimanagement"),
      import("@azure/core-rest-pipeline"),
    ]);
    const { credential, httpClient } = await connection();
    // Waiting is the caller's: a Retry-After of minutes must not be slept in billed time.
    const client = new ApiManagementClient(credential, subscriptionId, {
      retryOptions: { maxRetries: 0 },
      additionalPolicies: [timeLimit],
      ...(httpClient ? { httpClient } : {}),
    });
    client.pipeline.removePolicy({ name: redirectPolicyName });
    return client;
  }

  async function on(serviceId: string) {
    const id = parseArmId(serviceId);
    if (!id) throw new TypeError(`${serviceId} is not the ARM id of an API Management service`);
    const { subscriptionId, resourceGroup, name } = id;
    const client = clients.get(subscriptionId) ?? open(subscriptionId);
    clients.set(subscriptionId, client);
    // What failed once is tried again by the next call.
    client.catch(() => clients.delete(subscriptionId));
    return { client: await client, resourceGroup, name };
  }

  return {
    async gatewayHosts(serviceId) {
      const { client, resourceGroup, name } = await on(serviceId);
      const service = await typed(`read ${name}`, () => client.apiManagementService.get(resourceGroup, name));
      const hosts = (service.hostnameConfigurations ?? [])
        .filter(({ type }) => type === "Proxy")
        .map(({ hostName }) => hostName);
      const regional = (service.additionalLocations ?? []).map(({ gatewayRegionalUrl }) => gatewayRegionalUrl);
      for (const url of [service.gatewayUrl, ...regional]) if (url) hosts.push(new URL(url).hostname);
      return [...new Set(hosts.map((host) => host.toLowerCase()))];
    },

    async tier(serviceId) {
      const known = tiers.get(serviceId);
      if (known) return known;
      const reading = on(serviceId).then(({ client, resourceGroup, name }) =>
        typed(`read the tier of ${name}`, async () => {
          const { sku } = await client.apiManagementService.get(resourceGroup, name);
          return sku.name;
        }),
      );
      tiers.set(serviceId, reading);
      reading.catch(() => tiers.delete(serviceId));
      return reading;
    },

    async apis(serviceId) {
      const { client, resourceGroup, name } = await on(serviceId);
      return typed(`list the APIs of ${name}`, async () => {
        const found: ListedApi[] = [];
        for await (const api of client.api.listByService(resourceGroup, name, { expandApiVersionSet: true })) {
          // Only the current revision answers callers that name none.
          if (!api.name || api.path === undefined || api.isCurrent === false) continue;
          const bySegment = api.apiVersion && api.apiVersionSet?.versioningScheme === "Segment";
          found.push({
            id: api.name.replace(/;rev=\d+$/, ""),
            path: bySegment ? `${api.path}/${api.apiVersion}` : api.path,
          });
        }
        return found;
      });
    },

    async operations(serviceId, apiId) {
      const { client, resourceGroup, name } = await on(serviceId);
      return typed(`list the operations of ${apiId} on ${name}`, async () => {
        const found: ListedOperation[] = [];
        for await (const operation of client.apiOperation.listByApi(resourceGroup, name, apiId)) {
          if (operation.name && operation.method && operation.urlTemplate) {
            found.push({
              id: operation.name,
              method: operation.method.toUpperCase(),
              urlTemplate: operation.urlTemplate,
            });
          }
        }
        return found;
      });
    },

    async policy(serviceId, scope) {
      const { client, name } = await on(serviceId);
      return read(
        await armRequest(client, {
          attempt: `read the policy of ${name}${scope && `/${scope}`}`,
          method: "GET",
          path: `${policyPath(serviceId, scope)}?format=xml`,
          apiVersion: apiManagementVersion,
        }),
      );
    },

    async putPolicy(serviceId, scope, xml, precondition) {
      const { client, name } = await on(serviceId);
      await armRequest(client, {
        attempt: `write the policy of ${name}${scope && `/${scope}`}`,
        method: "PUT",
        path: policyPath(serviceId, scope),
        apiVersion: apiManagementVersion,
        headers: preconditionHeaders(precondition),
        body: { properties: { format: "xml", value: xml } },
      });
    },

    async fragment(serviceId, fragmentId) {
      const { client, name } = await on(serviceId);
      const found = read(
        await armRequest(client, {
          attempt: `read the fragment ${fragmentId} of ${name}`,
          method: "GET",
          path: `${fragmentPath(serviceId, fragmentId)}?format=xml`,
          apiVersion: apiManagementVersion,
        }),
      );
      return found && { xml: found.xml, etag: found.etag, state: found.state };
    },

    async putFragment(serviceId, fragmentId, xml, precondition) {
      const { client, name } = await on(serviceId);
      const { location } = await armRequest(client, {
        attempt: `write the fragment ${fragmentId} of ${name}`,
        ...fragmentWrite(serviceId, fragmentId, xml, precondition),
      });
      return location;
    },

    async writeFault(serviceId, location) {
      const { client, name } = await on(serviceId);
      const { origin, pathname, searchParams } = new URL(location);
      // The token goes to Resource Manager and to nobody else, whatever a header says.
      if (origin !== armEndpoint) return undefined;
      searchParams.delete("api-version");
      const attempt = `put the fragment of ${name} in force`;
      try {
        await armRequest(client, {
          attempt,
          method: "GET",
          path: `${pathname}?${searchParams}`,
          apiVersion: apiManagementVersion,
        });
        return undefined;
      } catch (error) {
        if (error instanceof AzureError) return error;
        throw error;
      }
    },
  };
}

/** The request that writes the fragment, to the letter: a plan shows it, `putFragment` sends it. */
export function fragmentWrite(serviceId: string, fragmentId: string, xml: string, precondition: Precondition) {
  return {
    method: "PUT" as const,
    path: fragmentPath(serviceId, fragmentId),
    apiVersion: apiManagementVersion,
    headers: preconditionHeaders(precondition),
    body: {
      properties: {
        format: "xml",
        description: "Written whole by Portcullis from its ledger. Do not edit.",
        value: xml,
      },
    },
  };
}

function preconditionHeaders(precondition: Precondition): Record<string, string> {
  return "ifMatch" in precondition
    ? { "If-Match": precondition.ifMatch }
    : { "If-None-Match": precondition.ifNoneMatch };
}

function fragmentPath(serviceId: string, fragmentId: string): string {
  return `${serviceId}/policyFragments/${fragmentId}`;
}

function policyPath(serviceId: string, scope: string): string {
  const encoded = scope
    .split("/")
    .filter(Boolean)
    .map((part) => `/${encodeURIComponent(part)}`)
    .join("");
  return `${serviceId}${encoded}/policies/policy`;
}

function read({ status, etag, body }: { status: number; etag: string | undefined; body: unknown }) {
  if (status === 404) return undefined;
  // An answer without text must never be taken for an empty policy: what is read here may be written back.
  const parsed = Stored.safeParse(body);
  if (!parsed.success)
    throw new AzureError("read a policy", { status, code: "NoPolicyText", message: "the answer holds no policy text" });
  const { value, provisioningState } = parsed.data.properties;
  const state = provisioningState === "InProgress" || provisioningState === "Failed" ? provisioningState : "Succeeded";
  // Without its version a document could only be overwritten blindly.
  if (!etag)
    throw new AzureError("read a policy with its ETag", {
      status,
      code: "NoETag",
      message: "the answer has no ETag header",
    });
  return { xml: value, etag, state } satisfies StoredFragment;
}

async function typed<T>(attempt: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const { isRestError } = await import("@azure/core-rest-pipeline");
    if (!isRestError(error)) throw error;
    const retryAfter = Number(error.response?.headers.get("retry-after") ?? Number.NaN);
    throw new AzureError(
      attempt,
      {
        status: error.statusCode ?? 0,
        code: error.code ?? "",
        message: error.message.slice(0, 500),
        retryAfterMs: Number.isFinite(retryAfter) ? retryAfter * 1000 : undefined,
      },
      { cause: error },
    );
  }
}
