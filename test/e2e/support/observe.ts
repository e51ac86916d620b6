import * as z from "zod";
import { serviceId } from "../../../local/scenarios/world.ts";
import { openTable } from "../../../shared/azure/tables.ts";
import { readSettings } from "../../../shared/config.ts";
import { Containment } from "../../../shared/ledger/containment.ts";
import { createIntakeJournal, type Intake } from "../../../shared/ledger/intake-journal.ts";
import { Run } from "../../../shared/ledger/run.ts";
import { fragmentId } from "../../../shared/reconcile/fragment-document.ts";
import { apiManagementAt } from "./simulated-identity.ts";
import { until } from "./until.ts";

/** What of a running system is looked at from outside. */
export interface Watched {
  hostUrl: string;
  azureUrl: string;
  gatewayUrl: string;
  settings: Readonly<Record<string, string>>;
}

const ShownRun = Run.extend({ state: z.enum(["concluded", "responding"]) });
const Calls = z.array(z.object({ method: z.string(), operationId: z.string(), path: z.string() }));

/** The run once it has concluded. */
export function concluded({ hostUrl }: Pick<Watched, "hostUrl">, runId: string, withinMs = 20_000): Promise<Run> {
  return until(`run ${runId} to conclude`, withinMs, async () => {
    const run = ShownRun.safeParse(await getJson(`${hostUrl}/api/runs/${runId}`));
    return run.data?.state === "concluded" ? run.data : undefined;
  });
}

const Instance = z.object({ instanceId: z.string(), runtimeStatus: z.string() });

/** Every run that Durable Functions knows of. */
export async function instances({ hostUrl }: Pick<Watched, "hostUrl">): Promise<z.infer<typeof Instance>[]> {
  const query = "instanceIdPrefix=respond-&showInput=false&top=1000";
  return z.array(Instance).parse(await getJson(`${hostUrl}/runtime/webhooks/durabletask/instances?${query}`));
}

export async function containments(
  { hostUrl }: Pick<Watched, "hostUrl">,
  state: "standing" | "released" = "standing",
): Promise<Containment[]> {
  const answer = await getJson(`${hostUrl}/api/containments?state=${state}`);
  return z.object({ containments: z.array(Containment) }).parse(answer).containments;
}

export async function fragment({ azureUrl }: Pick<Watched, "azureUrl">): Promise<string> {
  return (await apiManagementAt(azureUrl).fragment(serviceId, fragmentId))?.xml ?? "";
}

export function blockedAddresses(xml: string): string[] {
  return [...xml.matchAll(/<address>([^<]*)<\/address>/g)].map(([, address = ""]) => address);
}

/** Status of one call of this client at the simulated gateway. */
export async function callApi({ gatewayUrl }: Pick<Watched, "gatewayUrl">, client: string): Promise<number> {
  const response = await fetch(`${gatewayUrl}/orders/1001`, { headers: { "X-Simulated-Client-Ip": client } });
  await response.body?.cancel();
  return response.status;
}

/** Operations that are POSTs and change nothing in the tenant. */
const asking = new Set(["EventGrid_Publish", "EventHubs_Send", "Query_Execute", "Graph_GetByIds"]);

/** Operations that changed something in Azure, in order. */
export async function writes({ azureUrl }: Pick<Watched, "azureUrl">): Promise<string[]> {
  const calls = Calls.parse(await getJson(`${azureUrl}/_simulator/calls`));
  return calls
    .filter(({ method, operationId }) => method !== "GET" && !asking.has(operationId))
    .map(({ operationId }) => operationId);
}

export async function forgetCalls({ azureUrl }: Pick<Watched, "azureUrl">): Promise<void> {
  await fetch(`${azureUrl}/_simulator/calls`, { method: "DELETE" });
}

/** What the intake journal says of the last two days; a test may run over midnight. */
export async function journal({ settings }: Pick<Watched, "settings">): Promise<Pick<Intake, "outcome" | "reason">[]> {
  const table = await openTable("Intake", readSettings(settings), () =>
    Promise.reject(new Error("no identity needed")),
  );
  const now = Date.now();
  const days = [now - 86_400_000, now].map((at) => new Date(at).toISOString().slice(0, 10));
  const lines = await Promise.all(days.map((day) => createIntakeJournal(table).day(day)));
  return z
    .array(
      z.looseObject({
        outcome: z.enum(["accepted", "duplicate", "ignored", "refused", "waiting"]),
        reason: z.string(),
      }),
    )
    .parse(lines.flat());
}

async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url);
  return response.json();
}
