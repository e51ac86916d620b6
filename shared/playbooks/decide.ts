import type { Alert } from "../alerts/alert.ts";
import { milliseconds } from "../duration.ts";
import type { Protection } from "../guardrails/guardrail.ts";
import { objections } from "../guardrails/guardrails.ts";
import { apimFragmentPoint, containmentId, type Scope, type Target } from "../ledger/containment.ts";
import { cautious, type Mode } from "../mode.ts";
import type { DecidedStep, Decision, Verdict } from "./decision.ts";
import type { Facts } from "./facts.ts";
import { mismatch } from "./match.ts";
import type { Playbook, Step } from "./playbook.ts";

interface DecidingResponder {
  id: string;
  /** Why this target cannot be contained this way; undefined when it can. */
  refusal(target: Target): string | undefined;
}

export interface Situation {
  alert: Alert;
  facts: Facts;
  playbooks: readonly Playbook[];
  /** A person chose the playbook: whether it would have matched does not matter. */
  chosenByHand: boolean;
  responders: ReadonlyMap<string, DecidingResponder>;
  protection: Protection;
  /** The most that may be done: the installation's mode, and the run's own where a person asked. */
  mode: Mode;
  now: Date;
  /** No containment lasts longer, in milliseconds. */
  maxDuration: number;
}

/** What to do about an alert, and why: a pure function, recorded once and never computed again on replay. */
export function decide(situation: Situation): Decision {
  const { alert, playbooks, chosenByHand, mode, now } = situation;
  const judged = playbooks.map((playbook) => ({
    playbook,
    reason: chosenByHand ? undefined : mismatch(playbook, alert),
  }));
  const passedOver = judged.flatMap(({ playbook, reason }) => (reason ? [{ playbook: playbook.name, reason }] : []));
  const steps = judged
    .filter(({ reason }) => reason === undefined)
    .flatMap(({ playbook }) => playbook.steps.flatMap((step) => decideStep(playbook, step, situation)));
  return { alertKey: alert.key, decidedAt: now.toISOString(), mode, passedOver, steps: onlyOnce(steps) };
}

function decideStep(playbook: Playbook, step: Step, situation: Situation): DecidedStep[] {
  const { alert, facts, now, maxDuration } = situation;
  const because = [
    situation.chosenByHand
      ? `a person chose ${playbook.name}`
      : `${alert.type} (${alert.severity}) is answered by ${playbook.name}`,
    step.because,
  ];
  const refused = (reason: string): DecidedStep[] => [
    { playbook: playbook.name, responder: step.responder, verdict: "refuse", because, against: [reason] },
  ];

  if ("miss" in facts.service) return refused(facts.service.miss);
  const scope = resolveScope(step, facts);
  if ("miss" in scope) return refused(scope.miss);
  const targets = resolveTargets(step, alert, scope);
  if (targets.length === 0) return refused("the alert names no attacker address");

  const point = apimFragmentPoint(facts.service.id);
  const duration = Math.min(milliseconds(step.duration), maxDuration);
  return targets.map((target) => ({
    playbook: playbook.name,
    responder: step.responder,
    because,
    containment: {
      id: containmentId(step.responder, point, target),
      point,
      target,
      params: step.with,
      expiresAt: new Date(now.getTime() + duration).toISOString(),
    },
    ...judge(step, target, situation, point),
  }));
}

function judge(
  step: Step,
  target: Target,
  { alert, responders, protection, mode }: Situation,
  point: ReturnType<typeof apimFragmentPoint>,
): { verdict: Verdict; against: string[] } {
  const responder = responders.get(step.responder);
  const found = objections({ alert, responder: step.responder, point, target }, protection);
  const refusal = responder ? responder.refusal(target) : `there is no responder ${step.responder}`;
  const against = [
    ...found.map(({ guardrail, reason }) => `${guardrail}: ${reason}`),
    ...(refusal ? [`${step.responder}: ${refusal}`] : []),
    ...(mode === "observe" ? ["mode: nothing is enforced in observe mode"] : []),
    ...(step.mode === "observe" ? ["playbook: the step only observes"] : []),
  ];
  if (refusal || found.some(({ verdict }) => verdict === "refuse")) return { verdict: "refuse", against };
  if (found.length > 0) return { verdict: "observe", against };
  return { verdict: cautious(mode, step.mode), against };
}

function resolveScope(step: Step, { endpoint }: Facts): Scope | { miss: string } {
  if (step.scope === "service") return { kind: "service" };
  if ("miss" in endpoint) return endpoint;
  const { apiId, operationId } = endpoint;
  if (step.scope === "api") return { kind: "api", apiId };
  if (operationId === undefined) return { miss: `the URL leads to API ${apiId} but to none of its operations` };
  return { kind: "operation", apiId, operationId };
}

function resolveTargets(step: Step, alert: Alert, scope: Scope): Target[] {
  if (step.target === "api-endpoint") return [{ scope }];
  return alert.entities.flatMap((entity) =>
    entity.kind === "ip" && entity.role === "attacker" ? [{ scope, address: entity.address }] : [],
  );
}

/** Two playbooks may want the same containment: it is made once, for the later end of the two. */
function onlyOnce(steps: readonly DecidedStep[]): DecidedStep[] {
  const places = new Map<string, number>();
  const result: DecidedStep[] = [];
  for (const step of steps) {
    const id = step.verdict === "refuse" ? undefined : step.containment?.id;
    const place = id === undefined ? undefined : places.get(id);
    const earlier = place === undefined ? undefined : result[place];
    if (place === undefined || !earlier) {
      if (id !== undefined) places.set(id, result.length);
      result.push(step);
    } else {
      result[place] = merge(earlier, step);
    }
  }
  return result;
}

function merge(earlier: DecidedStep, later: DecidedStep): DecidedStep {
  if (earlier.verdict !== later.verdict) {
    // What only observes must lend the enforced one nothing: not its parameters, not its end.
    const [enforced, observed] = earlier.verdict === "enforce" ? [earlier, later] : [later, earlier];
    return { ...enforced, because: [...enforced.because, `${observed.playbook} would only observe the same`] };
  }
  const because = [...earlier.because, `${later.playbook} asks for the same`];
  if (!earlier.containment || !later.containment) return { ...earlier, because };
  const [expiresAt = ""] = [earlier.containment.expiresAt, later.containment.expiresAt].sort().reverse();
  return { ...earlier, because, containment: { ...earlier.containment, expiresAt } };
}
