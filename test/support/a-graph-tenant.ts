import { createGraphHost } from "../../local/azure/graph/graph-host.ts";
import type { GraphResource, GraphState } from "../../local/azure/graph/state.ts";
import { type SimulatedAzure, startSimulatedAzure } from "../../local/azure/simulated-azure.ts";
import type { Connection } from "../../shared/azure/connection.ts";
import { createGraph, type Graph } from "../../shared/azure/graph.ts";
import { createRewritingHttpClient } from "../../shared/azure/rewriting-http-client.ts";
import { aServiceCredential } from "./a-service-credential.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";

/** A tenant in the simulated Microsoft Graph, and the product's own way to it. */
export interface GraphTenant {
  azure: SimulatedAzure;
  state: GraphState;
  graph: Graph;
  connection: () => Promise<Connection>;
  /** Graph's own clock. */
  clock: ManualClock;
  close(): Promise<void>;
}

export async function openGraphTenant(start = "2026-11-23T09:30:00.000Z"): Promise<GraphTenant> {
  const clock = createManualClock(start);
  const state: GraphState = { alerts: [], users: [], servicePrincipals: [], roles: [] };
  const azure = await startSimulatedAzure({
    port: 0,
    gatewayPort: 0,
    clock,
    services: [],
    hosts: [createGraphHost(state)],
  });
  const opened = { credential: aServiceCredential(clock), httpClient: createRewritingHttpClient(azure.url) };
  const connection = async () => opened;
  return { azure, state, graph: createGraph(connection), connection, clock, close: azure.close };
}

/** An alert as alerts_v2 gives it, as short as it can be. */
export function graphAlert(id: string, lastUpdate: string | number, more: Partial<GraphResource> = {}): GraphResource {
  const updated = typeof lastUpdate === "number" ? new Date(lastUpdate).toISOString() : lastUpdate;
  return {
    "@odata.type": "#microsoft.graph.security.alert",
    id,
    providerAlertId: id,
    status: "new",
    severity: "medium",
    serviceSource: "microsoftDefenderForEndpoint",
    detectionSource: "antivirus",
    title: "Suspicious sign-in to a contoso host",
    category: "InitialAccess",
    createdDateTime: updated,
    lastUpdateDateTime: updated,
    evidence: [],
    ...more,
  };
}
