import { createHttpHeaders, type HttpClient, type PipelineRequest } from "@azure/core-rest-pipeline";
import type { ApiManagementService } from "../../local/azure/api-management/store.ts";
import { type SimulatedAzure, startSimulatedAzure } from "../../local/azure/simulated-azure.ts";
import { serviceId, services } from "../../local/scenarios/world.ts";
import { type ApiManagement, createApiManagement } from "../../shared/azure/api-management.ts";
import { createFresh } from "../../shared/azure/fresh.ts";
import { createRewritingHttpClient } from "../../shared/azure/rewriting-http-client.ts";
import type { Clock } from "../../shared/clock.ts";
import { fragmentId } from "../../shared/reconcile/fragment-document.ts";
import { aServiceCredential } from "./a-service-credential.ts";
import { createManualClock } from "./manual-clock.ts";

/** The simulated tenant of the plays, and the product's own way to it, on a clock that only moves when somebody waits. */
export interface Shop {
  azure: SimulatedAzure;
  service: ApiManagementService;
  apiManagement: ApiManagement;
  /** Waiting moves it, for the simulated Azure as well, so nothing waits for real. */
  clock: Clock;
  /** Called before each request leaves; what it gives is the answer instead of Azure's, as a refusal of the simulated Azure's could be. */
  intercept(hook: Interceptor | undefined): void;
  /** Operation and answer of every call to Resource Manager since the last look, writes only unless told. */
  takeCalls(kind?: "writes" | "all"): string[];
  close(): Promise<void>;
}

type Interceptor = (request: PipelineRequest) => { status: number; body: unknown } | undefined;

export const includeLine = `<include-fragment fragment-id="${fragmentId}" />`;
export const start = "2026-11-23T09:30:00.000Z";

export async function openShop(): Promise<Shop> {
  const time = createManualClock(start);
  const clock: Clock = { now: time.now, sleep: (ms) => time.advance(ms) };
  const [service] = services();
  if (!service) throw new Error("the world of the plays has no API Management service");
  const azure = await startSimulatedAzure({ port: 0, gatewayPort: 0, clock: time, services: [service] });

  let hook: Interceptor | undefined;
  const http = createRewritingHttpClient(azure.url);
  const httpClient: HttpClient = {
    async sendRequest(request) {
      const instead = hook?.(request);
      if (!instead) return http.sendRequest(request);
      const { status, body } = instead;
      return { request, headers: createHttpHeaders(), status, bodyAsText: JSON.stringify(body) };
    },
  };
  const connection = { credential: aServiceCredential(clock), httpClient };
  return {
    azure,
    service,
    clock,
    apiManagement: createApiManagement(async () => connection),
    intercept: (next) => {
      hook = next;
    },
    takeCalls(kind = "writes") {
      const calls = azure.calls.filter(({ host, method }) => {
        return host === "management.azure.com" && (kind === "all" || method !== "GET");
      });
      azure.calls.length = 0;
      return calls.map(({ operationId, status }) => `${operationId} ${status}`);
    },
    close: azure.close,
  };
}

/** What the product keeps of its look-ups, empty. */
export function freshInventory({ apiManagement, clock }: Pick<Shop, "apiManagement" | "clock">) {
  const minutes = 10 * 60_000;
  return {
    apiManagement,
    hosts: createFresh<string[]>(minutes, clock),
    apis: createFresh<Awaited<ReturnType<ApiManagement["apis"]>>>(minutes, clock),
    operations: createFresh<Awaited<ReturnType<ApiManagement["operations"]>>>(minutes, clock),
  };
}

/** Puts the line that bootstrap puts. */
export function include({ policies }: ApiManagementService): void {
  const global = policies.get("");
  if (!global) throw new Error("the world of the plays has no global policy");
  policies.set("", { xml: global.xml.replace("<inbound>", `<inbound>${includeLine}`), etag: '"included"' });
}

export { serviceId };
