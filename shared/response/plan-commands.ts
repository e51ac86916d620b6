import type { Ask } from "../azure/ask.ts";
import { AzureError } from "../azure/azure-error.ts";
import { ServiceNotConfigured } from "../azure/create-ask.ts";
import { serviceOrigin } from "../azure/service-origin.ts";
import type { Clock } from "../clock.ts";
import type { EnforcementPoint } from "../ledger/containment.ts";
import type { Containments } from "../ledger/containments.ts";
import type { Plan } from "../ledger/run.ts";
import { describeTarget } from "../ledger/target.ts";
import type { DecidedStep } from "../playbooks/decision.ts";
import type { Command, CommandResponder, Responder } from "../responders/responder.ts";

export interface CommandPlanner {
  ask: Ask;
  containments: Pick<Containments, "at">;
  /** The tenant's own address of Defender for Cloud Apps. */
  cloudAppsUrl?: string;
  responders: ReadonlyMap<string, Responder>;
  clock: Clock;
}

/** So many waiting before it make a plan say so: the services take about a hundred actions a minute. */
const longQueue = 50;

/**
 * The exact requests that these steps would send to one service, and what they would change: reads only. A target that is so already, or
 * that only a person can change, is sent nothing.
 */
export async function planCommands(
  point: EnforcementPoint,
  steps: readonly DecidedStep[],
  planner: CommandPlanner,
): Promise<Plan> {
  const plan: Plan = {
    point: point.resourceId === "tenant" ? point.kind : point.resourceId,
    requests: [],
    diff: "",
    doubts: [],
  };
  for (const step of steps) {
    const responder = planner.responders.get(step.responder);
    if (responder?.kind !== "command" || !step.containment) continue;
    const command = commandOf(step.containment, responder, point, planner);
    await addStep(plan, command, responder, planner.cloudAppsUrl);
  }
  const waiting = (await planner.containments.at(point.key)).filter(
    ({ containment }) => containment.state === "requested",
  );
  if (waiting.length >= longQueue)
    plan.doubts.push(
      `${waiting.length} others wait at this service: it takes a limited number of calls a minute, the most severe first`,
    );
  return plan;
}

async function addStep(
  plan: Plan,
  command: Command,
  responder: CommandResponder,
  cloudAppsUrl: string | undefined,
): Promise<void> {
  const who = describeTarget(command.target);
  try {
    const look = await responder.look(command);
    if (look.state === "busy" || look.state === "impossible") {
      plan.doubts.push(`${responder.id} on ${who}: ${look.reason}`);
      return;
    }
    if (look.state !== "free") {
      plan.doubts.push(
        `${responder.id} on ${who}: it is so already (${look.summary}), so nothing is sent and nothing is taken back`,
      );
      return;
    }
    const before = { held: false, summary: look.summary, memo: look.memo ?? {} };
    for (const { service, method, path, headers = {}, body } of responder.requests(command, before)) {
      plan.requests.push({
        method,
        url: `${serviceOrigin(service, cloudAppsUrl)}${path}`,
        headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
        body: body === undefined ? "" : JSON.stringify(body),
      });
    }
    plan.diff += `--- ${who} (now)\n+++ ${who} (planned)\n-${look.summary}\n+${responder.effect(command.target, command.params)}\n`;
    if (responder.irreversible !== undefined)
      plan.doubts.push(`${responder.id} cannot be taken back: ${responder.irreversible}`);
  } catch (error) {
    if (!(error instanceof AzureError || error instanceof ServiceNotConfigured)) throw error;
    plan.doubts.push(`${responder.id} on ${who}: what it would do is not known: ${error.message}`);
  }
}

function commandOf(
  { id, target, params, expiresAt }: NonNullable<DecidedStep["containment"]>,
  responder: CommandResponder,
  { resourceId }: EnforcementPoint,
  { ask, clock }: CommandPlanner,
): Command {
  return {
    containmentId: id,
    target,
    params: responder.params.parse(params),
    resourceId,
    since: clock.now(),
    until: new Date(expiresAt),
    now: clock.now(),
    ask,
  };
}
