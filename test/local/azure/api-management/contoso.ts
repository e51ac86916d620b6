import { ApiManagementClient } from "@azure/arm-apimanagement";
import { ManagedIdentityCredential } from "@azure/identity";
import type { ApiManagementService, Sku } from "../../../../local/azure/api-management/store.ts";
import { type SimulatedAzure, startSimulatedAzure } from "../../../../local/azure/simulated-azure.ts";
import { createRewritingHttpClient } from "../../../../shared/azure/rewriting-http-client.ts";
import type { Clock } from "../../../../shared/clock.ts";

const subscriptionId = "8a1f0a6e-0c8e-4d3a-9b57-0c6f1d2e3f40";
export const group = "rg-contoso";
export const name = "contoso";
export const serviceId = `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/Microsoft.ApiManagement/service/${name}`;

export const globalPolicy =
  "<policies>\r\n  <inbound />\r\n  <backend>\r\n    <forward-request />\r\n  </backend>\r\n  <outbound />\r\n</policies>";

/** A service with one API of two operations, an earlier revision of it, a product, a workspace and a named value. */
export function contoso(sku: Sku = "Developer"): ApiManagementService {
  const operations = new Map([
    ["get-order", { id: "get-order", displayName: "Get order", method: "GET", urlTemplate: "/orders/{orderId}" }],
    ["list-orders", { id: "list-orders", displayName: "List orders", method: "GET", urlTemplate: "/orders" }],
  ]);
  const orders = { displayName: "Orders", path: "orders", subscriptionRequired: false, operations };
  return {
    id: serviceId,
    name,
    location: "westeurope",
    sku,
    gatewayHost: "contoso.azure-api.net",
    products: new Map([["starter", { id: "starter", displayName: "Starter" }]]),
    apis: new Map([
      ["orders", { id: "orders", revision: "2", ...orders }],
      ["orders;rev=1", { id: "orders;rev=1", revision: "1", isCurrent: false, ...orders }],
    ]),
    workspaces: new Map([
      ["team-a", { id: "team-a", displayName: "Team A", apis: new Map([["orders", { id: "orders", ...orders }]]) }],
    ]),
    namedValues: new Map([["nv-1", { id: "nv-1", displayName: "partner-ip", value: "203.0.113.9" }]]),
    fragments: new Map(),
    policies: new Map([["", { xml: globalPolicy, etag: '"AAAAAAAAAAE="' }]]),
  };
}

export interface Contoso {
  azure: SimulatedAzure;
  service: ApiManagementService;
  client: ApiManagementClient;
}

/**
 * The simulated Azure on free ports, and the real client with the real credential against it. In one process only the first
 * one's client works: @azure/identity keeps the first identity endpoint it finds. `ask` works for all.
 */
export async function startContoso({
  service = contoso(),
  clock,
  fragmentWriteMs = 0,
}: {
  service?: ApiManagementService;
  clock?: Clock;
  fragmentWriteMs?: number;
} = {}): Promise<Contoso> {
  const azure = await startSimulatedAzure({
    port: 0,
    gatewayPort: 0,
    services: [service],
    latency: { fragmentWriteMs },
    ...(clock === undefined ? {} : { clock }),
  });
  Object.assign(process.env, azure.identity);
  const client = new ApiManagementClient(new ManagedIdentityCredential(), subscriptionId, {
    httpClient: createRewritingHttpClient(azure.url),
    retryOptions: { maxRetries: 0 },
  });
  return { azure, service, client };
}

/** `https://management.azure.com…` asked directly, with a token of the right audience unless headers say otherwise. */
export async function ask(
  azure: SimulatedAzure,
  method: string,
  path: string,
  {
    body,
    headers = {},
    version = "2024-05-01",
  }: { body?: unknown; headers?: Record<string, string>; version?: string } = {},
): Promise<{ status: number; headers: Headers; body: unknown }> {
  const separator = path.includes("?") ? "&" : "?";
  const url = `${azure.url}/management.azure.com${path}${version === "" ? "" : `${separator}api-version=${version}`}`;
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${await token(azure)}`, ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
}

async function token(azure: SimulatedAzure, resource = "https://management.azure.com/"): Promise<string> {
  const url = `${azure.identity.IDENTITY_ENDPOINT}?api-version=2019-08-01&resource=${encodeURIComponent(resource)}`;
  const response = await fetch(url, { headers: { "x-identity-header": azure.identity.IDENTITY_HEADER } });
  const body: unknown = await response.json();
  if (typeof body === "object" && body !== null && "access_token" in body) return String(body.access_token);
  throw new Error(`No token: ${JSON.stringify(body)}`);
}
