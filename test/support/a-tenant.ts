import type { ApiManagementService } from "../../local/azure/api-management/store.ts";
import { createEndpointHost } from "../../local/azure/endpoint/endpoint-host.ts";
import { type EndpointState, endpointState } from "../../local/azure/endpoint/endpoint-state.ts";
import { createGatewayLog, type GatewayCall, type GatewayLog } from "../../local/azure/gateway/gateway-log.ts";
import { createGraphHost } from "../../local/azure/graph/graph-host.ts";
import type { GraphState } from "../../local/azure/graph/state.ts";
import { createLogAnalytics, type SimulatedWorkspace } from "../../local/azure/log-analytics/log-analytics.ts";
import {
  networkApiVersions,
  publicIpRoutes,
  type SimulatedNetwork,
} from "../../local/azure/network/public-ip-routes.ts";
import {
  type SimulatedSecurityAlert,
  securityAlertRoutes,
  securityApiVersions,
} from "../../local/azure/security/alert-routes.ts";
import {
  type SimulatedIncident,
  sentinelApiVersions,
  sentinelRoutes,
} from "../../local/azure/sentinel/incident-routes.ts";
import { type SimulatedAzure, startSimulatedAzure } from "../../local/azure/simulated-azure.ts";
import { services, serviceId as shopId } from "../../local/scenarios/world.ts";
import type { Connection } from "../../shared/azure/connection.ts";
import { createRewritingHttpClient } from "../../shared/azure/rewriting-http-client.ts";
import { aServiceCredential } from "./a-service-credential.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";

/** The simulated Azure around an API gateway: network, alerts, incidents, gateway logs, machines, people; and the product's way to it. */
export interface Tenant {
  azure: SimulatedAzure;
  clock: ManualClock;
  connection(): Promise<Connection>;
  /** The API Management service of the shop. */
  shop: ApiManagementService;
  network: SimulatedNetwork & { publicIPAddresses: unknown[]; publicIPPrefixes: unknown[] };
  alerts: SimulatedSecurityAlert[];
  incidents: SimulatedIncident[];
  workspace: SimulatedWorkspace;
  gatewayLog: GatewayLog;
  endpoint: EndpointState;
  graph: GraphState;
  /** A call that the gateway logged, now unless told. */
  logCall(call?: Partial<GatewayCall>): void;
  /** Operation and answer of every call since the last look. */
  takeCalls(): string[];
  close(): Promise<void>;
}

export const subscriptionId = "00000000-0000-4000-8000-000000000001";
export const workspaceId = "5f0d4c7e-6a55-4f0e-9d5b-2f6f1f7f0a01";
export { shopId };

export async function openTenant(): Promise<Tenant> {
  const clock = createManualClock("2026-11-23T09:30:00.000Z");
  const network: Tenant["network"] = { subscriptions: [subscriptionId], publicIPAddresses: [], publicIPPrefixes: [] };
  const alerts: SimulatedSecurityAlert[] = [];
  const incidents: SimulatedIncident[] = [];
  const gatewayLog = createGatewayLog();
  const workspace: SimulatedWorkspace = { workspaceId, gatewayLog };
  const endpoint = endpointState();
  const graph: GraphState = { alerts: [], users: [], servicePrincipals: [], roles: [] };
  const [shop] = services();
  if (!shop) throw new Error("the world of the plays has no API Management service");
  const azure = await startSimulatedAzure({
    port: 0,
    gatewayPort: 0,
    clock,
    services: [shop],
    arm: {
      routes: [...publicIpRoutes(network), ...securityAlertRoutes(alerts), ...sentinelRoutes(incidents, clock)],
      apiVersions: [...networkApiVersions, ...securityApiVersions, ...sentinelApiVersions],
    },
    hosts: [createLogAnalytics(workspace), createEndpointHost(endpoint), createGraphHost(graph)],
  });
  const connected = { credential: aServiceCredential(clock), httpClient: createRewritingHttpClient(azure.url) };
  return {
    azure,
    clock,
    connection: async () => connected,
    shop,
    network,
    alerts,
    incidents,
    workspace,
    gatewayLog,
    endpoint,
    graph,
    logCall: (call = {}) =>
      gatewayLog.add({
        at: clock.now(),
        clientIp: "203.0.113.66",
        method: "GET",
        path: "/orders/7",
        service: shopId,
        api: "orders",
        status: 200,
        ...call,
      }),
    takeCalls() {
      const calls = azure.calls.filter(({ host }) => host !== "msi");
      azure.calls.length = 0;
      return calls.map(({ operationId, status }) => `${operationId} ${status}`);
    },
    close: azure.close,
  };
}

/** One resource of Microsoft.Network in the tenant's subscription. */
export function networkId(type: string, name: string, below = ""): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/rg-net/providers/Microsoft.Network/${type}/${name}${below}`;
}
