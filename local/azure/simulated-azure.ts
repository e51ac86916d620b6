import type { Hono } from "hono";
import { type Clock, systemClock } from "../../shared/clock.ts";
import { createAdmin } from "./admin.ts";
import { stalePolicyReads } from "./api-management/policy-routes.ts";
import { apiManagementApiVersions, apiManagementRoutes } from "./api-management/routes.ts";
import type { ApiManagementService } from "./api-management/store.ts";
import { createControlPlane, otherOperations } from "./control-plane.ts";
import { createEventGrid, type EventGrid, type EventGridOptions } from "./event-grid/topic.ts";
import type { EventHubNamespace } from "./event-hub/event-hub-options.ts";
import { createEventHubs } from "./event-hub/event-hubs.ts";
import { createFaultSwitchboard, type FaultSwitchboard } from "./faults.ts";
import { createGateway } from "./gateway/gateway.ts";
import { createGatewayLog } from "./gateway/gateway-log.ts";
import { staleGraphReads } from "./graph/graph-host.ts";
import { createIdentity } from "./identity.ts";
import { listen } from "./listener.ts";
import { createLoginHost } from "./login/login-host.ts";
import type { RecordedCall } from "./recorded-call.ts";
import { createResourceManager } from "./resource-manager/resource-manager.ts";
import type { ArmRoute } from "./resource-manager/route.ts";
import type { CreateHost } from "./simulated-host.ts";

/** What `IDENTITY_HEADER` must hold to get tokens from the simulated identity endpoint, unless chosen otherwise. */
export const defaultIdentityHeader = "simulated-identity-header";

export interface SimulatedAzureOptions {
  /** Of every control-plane host; 0 takes a free port. */
  port: number;
  gatewayPort: number;
  clock?: Clock;
  services: ApiManagementService[];
  /** The clock and the check of Entra tokens are the simulated Azure's own. */
  eventGrid?: Omit<EventGridOptions, "clock" | "verifyAudience">;
  eventHubs?: EventHubNamespace;
  /** Answers `/_simulator/flows…`: what firewalls, machines and sign-ins let through. */
  flows?: Hono;
  /** Routes of Resource Manager besides API Management's, and the api-versions that they speak. */
  arm?: { routes: readonly ArmRoute[]; apiVersions: readonly string[] };
  /** Services with a host name of their own. */
  hosts?: readonly CreateHost[];
  /** Ids of API Management subscriptions by their keys, for the gateway's log. */
  subscriptions?: ReadonlyMap<string, string>;
  latency?: { fragmentWriteMs?: number };
  identity?: { header?: string; userAssigned?: readonly string[] };
  /** Of the generator behind faults with a probability. */
  seed?: number;
}

export interface SimulatedAzure {
  /** Where `https://HOST/path` is reached as `URL/HOST/path`. */
  url: string;
  gatewayUrl: string;
  /** The settings with which `ManagedIdentityCredential` finds the identity endpoint. */
  identity: { IDENTITY_ENDPOINT: string; IDENTITY_HEADER: string };
  faults: FaultSwitchboard;
  calls: RecordedCall[];
  latency: { fragmentWriteMs: number };
  services: ApiManagementService[];
  eventGrid: EventGrid | undefined;
  close(): Promise<void>;
}

const longRunning = [
  "PolicyFragment_CreateOrUpdate",
  "NamedValue_CreateOrUpdate",
  "IpGroups_CreateOrUpdate",
  "FirewallPolicyRuleCollectionGroups_CreateOrUpdate",
];

export async function startSimulatedAzure(options: SimulatedAzureOptions): Promise<SimulatedAzure> {
  const { services, clock = systemClock } = options;
  const header = options.identity?.header ?? defaultIdentityHeader;
  const closing = new AbortController();
  const latency = { fragmentWriteMs: options.latency?.fragmentWriteMs ?? 0 };
  const calls: RecordedCall[] = [];

  const identity = createIdentity({ clock, header, userAssigned: options.identity?.userAssigned ?? [] });
  const gatewayLog = createGatewayLog();
  const { arm = { routes: [], apiVersions: [] } } = options;
  const routes = [...apiManagementRoutes({ services, clock, latency, closing: closing.signal }), ...arm.routes];
  const eventHubs = options.eventHubs && createEventHubs(options.eventHubs);
  const hosts = [createLoginHost, ...(eventHubs ? [eventHubs.createHost] : []), ...(options.hosts ?? [])].map(
    (create) => create({ clock, identity, gatewayLog }),
  );
  const faults = createFaultSwitchboard(
    {
      operations: [
        ...routes.map(({ operationId }) => operationId),
        ...otherOperations,
        ...hosts.flatMap(({ operations }) => operations),
      ],
      staleReads: [...stalePolicyReads, "PolicyFragment_Get", ...staleGraphReads],
      longRunning,
    },
    options.seed,
  );
  const eventGrid =
    options.eventGrid &&
    createEventGrid({
      ...options.eventGrid,
      clock,
      verifyAudience: (bearer) => {
        try {
          identity.authenticate(`Bearer ${bearer}`, ["https://eventgrid.azure.net", "https://eventgrid.azure.net/"]);
          return true;
        } catch {
          return false;
        }
      },
    });

  const controlPlane = createControlPlane({
    clock,
    faults,
    calls,
    identity,
    resourceManager: createResourceManager({
      clock,
      identity,
      routes,
      apiVersions: [...new Set([...apiManagementApiVersions, ...arm.apiVersions])],
    }),
    eventGrid: eventGrid?.app,
    hosts,
    closing: closing.signal,
  });
  const admin = createAdmin({ faults, calls, latency });

  const main = await listen(
    (request, env) => {
      const { pathname } = new URL(request.url);
      if (eventGrid !== undefined && pathname === "/_simulator/event-grid") return eventGrid.admin.fetch(request, env);
      if (options.flows !== undefined && pathname.startsWith("/_simulator/flows"))
        return options.flows.fetch(request, env);
      return (pathname.startsWith("/_simulator/") ? admin : controlPlane).fetch(request, env);
    },
    options.port,
    "the simulated Azure",
  );
  const gateway = await listen(
    createGateway(services, { clock, gatewayLog, subscriptions: options.subscriptions ?? new Map() }).fetch,
    options.gatewayPort,
    "the simulated API gateway",
  ).catch(async (error: unknown) => {
    await main.close();
    throw error;
  });

  return {
    url: main.url,
    gatewayUrl: gateway.url,
    identity: { IDENTITY_ENDPOINT: `${main.url}/msi/token`, IDENTITY_HEADER: header },
    faults,
    calls,
    latency,
    services,
    eventGrid,
    async close() {
      closing.abort();
      await Promise.all([main.close(), gateway.close(), eventGrid?.close(), eventHubs?.close()]);
    },
  };
}
