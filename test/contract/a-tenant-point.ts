import type { SimulatedAzure } from "../../local/azure/simulated-azure.ts";
import type { AzureRequest } from "../../shared/azure/ask.ts";
import { createAsk } from "../../shared/azure/create-ask.ts";
import { createFirewall } from "../../shared/azure/firewall.ts";
import { limitCalls } from "../../shared/azure/limit-calls.ts";
import { createRewritingHttpClient } from "../../shared/azure/rewriting-http-client.ts";
import type { Protection } from "../../shared/guardrails/guardrail.ts";
import { standingObjection } from "../../shared/guardrails/standing-objection.ts";
import { type Containment, containmentId, type EnforcementPoint } from "../../shared/ledger/containment.ts";
import { type Containments, createContainments } from "../../shared/ledger/containments.ts";
import type { Plan } from "../../shared/ledger/run.ts";
import type { Target } from "../../shared/ledger/target.ts";
import type { Pass } from "../../shared/reconcile/pass.ts";
import { reconcileCommands } from "../../shared/reconcile/reconcile-commands.ts";
import { reconcileGroups } from "../../shared/reconcile/reconcile-groups.ts";
import { responders } from "../../shared/responders/responders.ts";
import { planCommands } from "../../shared/response/plan-commands.ts";
import { planGroups } from "../../shared/response/plan-groups.ts";
import { aServiceCredential } from "../support/a-service-credential.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import { memoryTable } from "../support/memory-table.ts";

/** One enforcement point with a ledger of its own in memory, and passes over it as the single writer makes them. */
export interface TenantPoint {
  containments: Containments;
  want(wish: Wish): Promise<string>;
  plan(wish: Wish): Promise<Plan>;
  /** Ends everybody's time for it. */
  end(id: string): Promise<void>;
  /** Runs passes, and lets as much time go by between them as they ask for, until none asks for more. Answers the last one. */
  settle(): Promise<Pass>;
  pass(): Promise<Pass>;
  state(id: string): Promise<string>;
  get(id: string): Promise<Containment | undefined>;
  escalations: string[];
}

interface Wish {
  responder: string;
  target: Target;
  params?: Record<string, unknown>;
  owner?: string;
  minutes?: number;
  priority?: number;
}

interface Options {
  azure: SimulatedAzure;
  clock: ManualClock;
  protection: Protection;
  cloudAppsUrl?: string;
  /** Called before each request leaves, as somebody who is quicker would be. */
  before?(request: AzureRequest): Promise<void>;
}

/** Far more passes than anything here takes: whatever asks for more never ends. */
const mostPasses = 400;

export function aTenantPoint(
  point: EnforcementPoint,
  { azure, clock: time, protection, cloudAppsUrl, before }: Options,
  containments = createContainments(memoryTable(), memoryTable(), { sleep: async () => {} }),
): TenantPoint {
  // Waiting moves the time, for the services as well, so nothing waits for real.
  const clock = { now: time.now, sleep: (ms: number) => time.advance(ms) };
  const connection = async () => ({
    credential: aServiceCredential(clock),
    httpClient: createRewritingHttpClient(azure.url),
  });
  const sending = createAsk(connection, {
    applicationsConnection: connection,
    ...(cloudAppsUrl === undefined ? {} : { cloudAppsUrl }),
  });
  const ask = limitCalls(async (request) => {
    await before?.(request);
    return sending(request);
  }, clock);
  const escalations: string[] = [];
  const forbids = (containment: Containment) => standingObjection(containment, protection);
  const escalate = async (_: Containment, reason: string) => void escalations.push(reason);
  const firewall = createFirewall(ask);
  // Services work by the same clock as we do: what they wait for comes about while we wait for it.
  const tools = { containments, responders, ask, forbids, escalate, clock };
  let last: Pass | undefined;

  async function pass(): Promise<Pass> {
    last =
      point.kind === "firewall"
        ? await reconcileGroups(
            point,
            {
              ...(last?.underWay ? { underWay: last.underWay } : {}),
              ...(last?.writeMs === undefined ? {} : { writeMs: last.writeMs }),
            },
            { ...tools, firewall },
          )
        : await reconcileCommands(point, tools);
    return last;
  }

  const expiry = (minutes: number) => new Date(clock.now().getTime() + minutes * 60_000).toISOString();

  return {
    containments,
    escalations,
    pass,
    get: async (id) => (await containments.get(point.key, id))?.containment,
    state: async (id) => (await containments.get(point.key, id))?.containment.state ?? "gone",

    async want({ responder, target, params = {}, owner = "alert-1", minutes = 600, priority = 2 }) {
      const id = containmentId(responder, point, target);
      const since = clock.now().toISOString();
      const asking = { id: owner, runId: `run-${owner}`, playbook: "test", params, since, expiresAt: expiry(minutes) };
      await containments.own({ id, responder, point, target, priority, owner: asking }, clock.now());
      return id;
    },

    async plan({ responder, target, params = {}, minutes = 600 }) {
      const id = containmentId(responder, point, target);
      const containment = { id, point, target, params, expiresAt: expiry(minutes) };
      const step = { playbook: "test", responder, verdict: "enforce" as const, because: [], against: [], containment };
      return point.kind === "firewall"
        ? planGroups(point, [step], { firewall, responders })
        : planCommands(point, [step], {
            ask,
            containments,
            responders,
            clock,
            ...(cloudAppsUrl === undefined ? {} : { cloudAppsUrl }),
          });
    },

    async end(id) {
      await containments.end(point.key, id, "the test ends it", clock.now());
    },

    async settle() {
      for (let count = 0; count < mostPasses; count++) {
        const { retryAfterMs } = await pass();
        if (retryAfterMs === undefined && last) return last;
        await time.advance(retryAfterMs ?? 0);
      }
      throw new Error(`after ${mostPasses} passes ${point.key} still asks for another: ${JSON.stringify(last)}`);
    },
  };
}
