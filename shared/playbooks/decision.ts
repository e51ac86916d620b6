import * as z from "zod";
import { EnforcementPoint } from "../ledger/containment.ts";
import { Target } from "../ledger/target.ts";
import { Mode } from "../mode.ts";

export const Verdict = z.enum(["enforce", "observe", "refuse"]);
export type Verdict = z.infer<typeof Verdict>;

/** One step of a decision: a containment that is wanted, and what may be done about it. */
export const DecidedStep = z.object({
  playbook: z.string(),
  responder: z.string(),
  verdict: Verdict,
  /** Reasons for, and reasons against. */
  because: z.array(z.string()),
  against: z.array(z.string()),
  /** Absent where the step was refused before a target could be told. */
  containment: z
    .object({
      id: z.string(),
      point: EnforcementPoint,
      target: Target,
      params: z.record(z.string(), z.unknown()),
      expiresAt: z.iso.datetime(),
    })
    .optional(),
});
export type DecidedStep = z.infer<typeof DecidedStep>;

/** The outcome for an alert: what will be done, what not, and why. */
export const Decision = z.object({
  alertKey: z.string(),
  decidedAt: z.iso.datetime(),
  mode: Mode,
  /** Every playbook that was looked at and did not match, with the reason. */
  passedOver: z.array(z.object({ playbook: z.string(), reason: z.string() })),
  steps: z.array(DecidedStep),
});
export type Decision = z.infer<typeof Decision>;
