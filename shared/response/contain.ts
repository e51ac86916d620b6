import type { Clock } from "../clock.ts";
import type { AlertRegister } from "../ledger/alert-register.ts";
import type { EnforcementPoint } from "../ledger/containment.ts";
import type { Containments } from "../ledger/containments.ts";
import type { EnforcementPoints } from "../ledger/enforcement-points.ts";
import type { StepOutcome } from "../ledger/run.ts";
import type { DecidedStep } from "../playbooks/decision.ts";
import { reportText } from "./report-text.ts";

export interface ContainInput {
  runId: string;
  /** Who asks: the alert's key, or the run's id when a person asked. */
  ownerId: string;
  decidedAt: string;
  /** How severe the alert is: 3 High to 0 Informational. */
  priority: number;
  steps: DecidedStep[];
  /** What the steps are to tell about: how those before them ended. */
  about?: { steps: DecidedStep[]; outcomes: StepOutcome[] };
}

/** What stands in the ledger now, by the enforcement point that has to make it true. */
export type Contained = { point: EnforcementPoint; containments: string[] }[];

/** Writes the desired state. Nothing is sent to Azure here: reconcile makes the world follow. */
export async function contain(
  { runId, ownerId, decidedAt, priority, steps, about }: ContainInput,
  {
    containments,
    points,
    alerts,
    clock,
  }: { containments: Containments; points: EnforcementPoints; alerts: AlertRegister; clock: Clock },
): Promise<Contained> {
  const contained = new Map<string, Contained[number]>();
  for (const { containment, responder, playbook } of steps) {
    if (!containment) continue;
    const { id, point, target, expiresAt } = containment;
    const params = about
      ? { text: reportText(runId, about.steps, about.outcomes), ...containment.params }
      : containment.params;
    // First the point, so that the timer finds the containment even if everything after this line is lost.
    await points.remember(point);
    const owner = { id: ownerId, runId, playbook, params, since: decidedAt, expiresAt };
    await containments.own({ id, responder, point, target, priority, owner }, clock.now());
    const known = contained.get(point.key) ?? { point, containments: [] };
    known.containments.push(id);
    contained.set(point.key, known);
  }
  // After the writing, so that of the two, this and a false positive that comes in at the same moment, one sees the other.
  if ((await alerts.find(ownerId))?.closing?.falsePositive) {
    const reason = "the product marked the alert a false positive";
    for (const { point, containments: ids } of contained.values())
      for (const id of ids) await containments.disown(point.key, id, ownerId, reason, clock.now());
  }
  return [...contained.values()];
}
