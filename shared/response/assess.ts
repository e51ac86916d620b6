import { createHash } from "node:crypto";
import { Severity } from "../alerts/alert.ts";
import { AzureError } from "../azure/azure-error.ts";
import type { Clock } from "../clock.ts";
import { milliseconds } from "../duration.ts";
import { createLookUps, enrich, type LookUps } from "../enrichment/enrich.ts";
import type { Protection } from "../guardrails/guardrail.ts";
import type { EnforcementPoint } from "../ledger/containment.ts";
import type { Plan } from "../ledger/run.ts";
import type { Runs } from "../ledger/runs.ts";
import { addressOf } from "../ledger/target.ts";
import type { Mode } from "../mode.ts";
import { cautious } from "../mode.ts";
import { decide } from "../playbooks/decide.ts";
import type { DecidedStep, Decision } from "../playbooks/decision.ts";
import type { Enrichment, Facts } from "../playbooks/facts.ts";
import type { Playbook } from "../playbooks/playbook.ts";
import { FragmentTooLarge } from "../reconcile/fragment-document.ts";
import { InvalidFragmentEntry } from "../reconcile/fragment-entry.ts";
import type { Reconciler } from "../reconcile/reconcile-fragment.ts";
import type { Responder } from "../responders/responder.ts";
import { confirmEndpoint, type Inventory, lookUpFacts } from "./look-up-facts.ts";
import { type CommandPlanner, planCommands } from "./plan-commands.ts";
import { planFragment } from "./plan-fragment.ts";
import { type GroupPlanner, planGroups } from "./plan-groups.ts";
import { reportingResponder } from "./report-text.ts";
import type { Request } from "./request.ts";

export interface Assessor {
  playbooks: readonly Playbook[];
  responders: ReadonlyMap<string, Responder>;
  protection: Protection;
  mode: Mode;
  maxDuration: number;
  inventory: Inventory;
  reconciler: Reconciler;
  commands: Omit<CommandPlanner, "responders">;
  groups: Omit<GroupPlanner, "responders">;
  /** Without it nothing beyond API Management is looked up, and the run says so. */
  lookUps?: LookUps;
  runs: Runs;
  clock: Clock;
}

/** The steps that are to be enforced; everything else about the run is in the ledger. */
export interface Assessment {
  enforce: DecidedStep[];
  /** Those that tell how the others ended, and so come last. */
  report: DecidedStep[];
  decidedAt: string;
  /** How severe the alert is: 3 High to 0 Informational. */
  priority: number;
}

/** Looks up, decides and plans: reads only. The decision is recorded here and never computed again. */
export async function assess(request: Request, assessor: Assessor): Promise<Assessment> {
  const { playbooks, responders, protection, maxDuration, inventory, runs, clock } = assessor;
  const { lookUps = createLookUps({ clock }) } = assessor;
  const recorded = await runs.get(request.runId);
  if (recorded) return assessmentOf(request, recorded.decision);

  const facts = await factsFor(request, protection, inventory);
  const enrichment = await enrich(request.alert, lookUps, facts);
  const asked = request.byHand;
  const decided = decide({
    alert: request.alert,
    facts,
    enrichment,
    playbooks: asked ? playbooks.filter(({ name }) => name === asked.playbook) : playbooks,
    chosenByHand: asked !== undefined,
    responders,
    protection: { ...protection, ownAddresses: ownAddressesOf(enrichment) },
    mode: cautious(assessor.mode, asked?.mode ?? assessor.mode),
    now: clock.now(),
    maxDuration: asked?.duration ? Math.min(maxDuration, milliseconds(asked.duration)) : maxDuration,
  });
  const decision = sayUnchecked(decided, enrichment);
  const plans = await plansFor(decision, assessor);
  await runs.save({
    id: request.runId,
    requestedBy: asked ? asked.by : "alert",
    alert: request.alert,
    enrichment,
    decision,
    plans,
    planHash: hash(decision, plans),
    timeline: { detected: request.alert.raisedAt, delivered: request.deliveredAt, decided: decision.decidedAt },
    outcomes: [],
  });
  return assessmentOf(request, decision);
}

function ownAddressesOf({ ownAddresses }: Enrichment): NonNullable<Protection["ownAddresses"]> {
  return ownAddresses.asked.flatMap((asked) => {
    if (!("found" in asked) || !asked.found.own) return [];
    const { owner, machine } = asked.found;
    return [{ address: asked.about, owner, machine }];
  });
}

/** A look-up that came to nothing, or was not made, is no veto, but whoever reads the decision is told that nobody could check. */
function sayUnchecked(decision: Decision, { ownAddresses }: Enrichment): Decision {
  const asked = new Map(ownAddresses.asked.map((one) => [one.about, one]));
  const reasonFor = (address: string): string | undefined => {
    const one = asked.get(address);
    if (one) return "miss" in one ? one.miss : undefined;
    return ownAddresses.notAsked?.replace(/^not asked: /, "") ?? "nobody asked about this address";
  };
  const steps = decision.steps.map((step) => {
    const target = step.containment?.target;
    const address = target && addressOf(target);
    const reason = address === undefined ? undefined : reasonFor(address);
    return reason === undefined ? step : { ...step, against: [...step.against, `own-address: not checked: ${reason}`] };
  });
  return { ...decision, steps };
}

function assessmentOf({ alert }: Request, { decidedAt, steps }: Decision): Assessment {
  const priority = Severity.options.indexOf(alert.severity);
  const enforced = steps.filter(({ verdict }) => verdict === "enforce");
  const isReport = ({ responder }: DecidedStep) => responder === reportingResponder;
  return {
    decidedAt,
    priority,
    enforce: enforced.filter((step) => !isReport(step)),
    report: enforced.filter(isReport),
  };
}

async function factsFor(
  { alert, byHand }: Request,
  { apiManagement }: Protection,
  inventory: Inventory,
): Promise<Facts> {
  const { apiId, operationId, subscriptionId, apiUserId } = byHand?.target ?? {};
  const facts = { ...(await lookUpFacts(alert, apiManagement, inventory)), named: { subscriptionId, apiUserId } };
  const { service } = facts;
  // A service that was not given is not asked about either.
  if (apiId === undefined || "miss" in service || !apiManagement.includes(service.id)) return facts;
  return { ...facts, endpoint: await confirmEndpoint(service.id, { apiId, operationId }, inventory) };
}

type Planners = Pick<Assessor, "responders" | "reconciler" | "commands" | "groups">;

/** One plan for each enforcement point that a step would reach, also when it only observes. */
async function plansFor(decision: Decision, planners: Planners): Promise<Plan[]> {
  const byPoint = Map.groupBy(
    decision.steps.filter(({ verdict }) => verdict !== "refuse"),
    ({ containment }) => containment?.point.key,
  );
  const plans: Plan[] = [];
  for (const steps of byPoint.values()) {
    const point = steps[0]?.containment?.point;
    if (point) plans.push(await planOrDoubt(point, steps, planners));
  }
  return plans;
}

/** What may not be read for the plan is a doubt about it; the containment itself may work all the same, and reconcile will tell. */
async function planOrDoubt(
  point: EnforcementPoint,
  steps: readonly DecidedStep[],
  { responders, reconciler, commands, groups }: Planners,
): Promise<Plan> {
  try {
    switch (point.kind) {
      case "apim-fragment":
        return await planFragment(point, steps, responders, reconciler);
      case "firewall":
        return await planGroups(point, steps, { ...groups, responders });
      default:
        return await planCommands(point, steps, { ...commands, responders });
    }
  } catch (error) {
    const lasting = error instanceof AzureError ? !error.transient : isUnwritable(error);
    if (!lasting || !(error instanceof Error)) throw error;
    const doubts = [`the plan could not be made: ${error.message}`];
    return { point: point.resourceId, requests: [], diff: "", doubts };
  }
}

/** No room in the fragment, or an id that cannot be written: trying again would find the same. */
function isUnwritable(error: unknown): boolean {
  return error instanceof FragmentTooLarge || error instanceof InvalidFragmentEntry;
}

function hash(decision: Decision, plans: readonly Plan[]): string {
  const steps = decision.steps.map(({ responder, verdict, containment }) => [responder, verdict, containment]);
  const requests = plans.map(({ requests }) => requests);
  return createHash("sha256")
    .update(JSON.stringify([decision.alertKey, steps, requests]))
    .digest("hex");
}
