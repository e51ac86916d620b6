import * as z from "zod";
import { Severity, Source } from "../alerts/alert.ts";
import { Duration } from "../duration.ts";
import type { PointKind } from "../ledger/containment.ts";
import { TargetSelector } from "../ledger/target.ts";
import { Mode } from "../mode.ts";

/** The part of a responder that a playbook must agree with. */
export interface ResponderSignature {
  id: string;
  point: PointKind;
  selectors: readonly TargetSelector[];
  params: z.ZodType<Record<string, unknown>>;
}

export const Step = z.strictObject({
  responder: z.string().describe("Id of the responder"),
  target: TargetSelector.describe("What of the alert it is applied to"),
  scope: z
    .enum(["service", "api", "operation"])
    .optional()
    .describe("How much of the API Management service it covers; for responders of the fragment, and only for them"),
  duration: Duration.describe("How long one alert asks for it, as an ISO 8601 duration: PT4H"),
  mode: Mode.default("enforce").describe("The most that this step may do"),
  with: z.record(z.string(), z.unknown()).default({}).describe("The responder's own parameters"),
  because: z.string().max(300).describe("Why this step answers these alerts; shown in every decision"),
});
export type Step = z.infer<typeof Step>;

export const Playbook = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,62}$/)
    .describe("Name in kebab-case; the same as the file's"),
  summary: z.string().max(300).describe("One sentence that begins with a verb"),
  when: z
    .strictObject({
      source: Source.exclude(["by-hand"]).describe("The product that found it, whatever way its alerts take"),
      types: z.array(z.string().min(1)).min(1).describe("Alert types, without SIMULATED_, in any letter case"),
      severity: Severity.default("Informational").describe("The lowest severity that is answered"),
    })
    .optional()
    .describe("Which alerts it answers; without it the playbook is run by hand only"),
  steps: z.array(Step).min(1).max(20),
});
export type Playbook = z.infer<typeof Playbook>;
