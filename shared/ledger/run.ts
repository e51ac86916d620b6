import * as z from "zod";
import { Alert } from "../alerts/alert.ts";
import { Decision } from "../playbooks/decision.ts";
import { Enrichment } from "../playbooks/facts.ts";
import { ContainmentState } from "./containment.ts";

/** A request that a step sends, or would send, to the letter. */
const PlannedRequest = z.object({
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

/** What one enforcement point would be sent, and how it would change. */
export const Plan = z.object({
  point: z.string(),
  requests: z.array(PlannedRequest),
  diff: z.string(),
  /** Why the change would not hold, found by reading: the include is missing, an API skips the global policy. */
  doubts: z.array(z.string()),
});
export type Plan = z.infer<typeof Plan>;

export const StepOutcome = z.object({
  containment: z.string(),
  state: ContainmentState,
  reason: z.string().optional(),
  acceptedAt: z.iso.datetime().optional(),
  verifiedAt: z.iso.datetime().optional(),
});
export type StepOutcome = z.infer<typeof StepOutcome>;

/** When each stage was reached; accepted and verified are never the same thing. */
export const Timeline = z.object({
  detected: z.iso.datetime(),
  delivered: z.iso.datetime(),
  decided: z.iso.datetime().optional(),
  accepted: z.iso.datetime().optional(),
  verified: z.iso.datetime().optional(),
  concluded: z.iso.datetime().optional(),
});
export type Timeline = z.infer<typeof Timeline>;

/** One answer to one alert, from delivery to conclusion: what `GET /api/runs/{id}` shows. */
export const Run = z.object({
  id: z.string(),
  requestedBy: z.string(),
  alert: Alert,
  /** What was looked up before deciding; runs of earlier versions have none. */
  enrichment: Enrichment.optional(),
  decision: Decision,
  plans: z.array(Plan),
  /** SHA-256 of the steps and requests: what an approval would be bound to. */
  planHash: z.string(),
  timeline: Timeline,
  outcomes: z.array(StepOutcome),
});
export type Run = z.infer<typeof Run>;
