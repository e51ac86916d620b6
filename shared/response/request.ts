import * as z from "zod";
import { Alert } from "../alerts/alert.ts";
import { Duration } from "../duration.ts";
import { Mode } from "../mode.ts";

/** A target that a person names instead of handing in an alert. */
export const NamedTarget = z
  .strictObject({
    service: z
      .string()
      .optional()
      .describe("ARM id of the API Management service; may be left out when there is only one"),
    address: z.string().optional().describe("The address to contain"),
    api: z.string().optional().describe("API id"),
    operation: z.string().optional().describe("Operation id, together with api"),
  })
  .refine(({ api, operation }) => operation === undefined || api !== undefined, {
    path: ["operation"],
    message: "name its api as well",
  });
export type NamedTarget = z.infer<typeof NamedTarget>;

/** What the orchestrator is started with: one alert and, where a person asked, what they asked for. */
export const Request = z.object({
  runId: z.string(),
  alert: Alert,
  deliveredAt: z.iso.datetime(),
  byHand: z
    .object({
      by: z.string(),
      playbook: z.string(),
      mode: Mode,
      duration: Duration.optional(),
      target: z.object({ apiId: z.string().optional(), operationId: z.string().optional() }).optional(),
    })
    .optional(),
});
export type Request = z.infer<typeof Request>;
