import type { Alert } from "../alerts/alert.ts";
import { milliseconds } from "../duration.ts";
import type { Protection } from "../guardrails/guardrail.ts";
import { objections } from "../guardrails/guardrails.ts";
import { containmentId, type EnforcementPoint, type PointKind } from "../ledger/containment.ts";
import type { Target, TargetKind } from "../ledger/target.ts";
import { cautious, type Mode } from "../mode.ts";
import type { DecidedStep, Decision, Verdict } from "./decision.ts";
import type { Enrichment, Facts } from "./facts.ts";
import { mismatch } from "./match.ts";
import type { Playbook, Step } from "./playbook.ts";
import { resolvePoints } from "./resolve-points.ts";
import { resolveTargets } from "./resolve-targets.ts";

interface DecidingResponder {
  id: string;
  point: PointKind;
  target: TargetKind;
  /** Why it cannot be taken back; absent where it can. */
  irreversible?: string;
  /** Why this target cannot be contained this way; undefined when it can. */
  refusal(target: Target, params: Record<string, unknown>): string | undefined;
}

export interface Situation {
  alert: Alert;
  facts: Facts;
  enrichment: Enrichment;
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
  const { alert, facts, enrichment, responders, protection, now, maxDuration } = situation;
  const because = [
    situation.chosenByHand
      ? `a person chose ${playbook.name}`
      : `${alert.type} (${alert.severity}) is answered by ${playbook.name}`,
    step.because,
  ];
  const refused = (reason: string): DecidedStep[] => [
    { playbook: playbook.name, responder: step.responder, verdict: "refuse", because, against: [reason] },
  ];

  const responder = responders.get(step.responder);
  if (!responder) return refused(`there is no responder ${step.responder}`);
  const points = resolvePoints(responder.point, facts, protection);
  if ("miss" in points) return refused(points.miss);
  const targets = resolveTargets(step, alert, facts, enrichment, responder.target);
  if ("miss" in targets) return refused(targets.miss);
  if (targets.length === 0) return refused("the alert names no attacker address");

  const duration = Math.min(milliseconds(step.duration), maxDuration);
  const expiresAt = new Date(now.getTime() + duration).toISOString();
  return points.flatMap((point) =>
    targets.map((target) => ({
      playbook: playbook.name,
      responder: step.responder,
      because,
      containment: {
        id: containmentId(step.responder, point, target),
        point,
        target,
        params: step.with,
        expiresAt,
      },
      ...judge(step, responder, target, situation, point),
    })),
  );
}

function judge(
  step: Step,
  responder: DecidingResponder,
  target: Target,
  { alert, protection, mode, chosenByHand }: Situation,
  point: EnforcementPoint,
): { verdict: Verdict; against: string[] } {
  const { irreversible } = responder;
  const found = objections({ alert, responder: responder.id, point, target, irreversible, chosenByHand }, protection);
  const refusal =
    target.kind === responder.target ? responder.refusal(target, step.with) : wrongKind(responder, target);
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

function wrongKind({ id, target }: DecidingResponder, { kind }: Target): string {
  return `${id} is for ${target}, not for ${kind}`;
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
