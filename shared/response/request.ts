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
    address: z.string().optional().describe("The address to contain, or an IPv4 block of them: 203.0.113.0/24"),
    api: z.string().optional().describe("API id"),
    operation: z.string().optional().describe("Operation id, together with api"),
    machine: z.string().min(1).optional().describe("Machine: its id in Defender for Endpoint, or its full DNS name"),
    sha1: z
      .string()
      .regex(/^[0-9a-f]{40}$/i, "expected 40 hexadecimal digits")
      .optional()
      .describe("SHA-1 of a file, on the machine or on all of them"),
    user: z.string().min(1).optional().describe("User: object id in Entra, or user principal name"),
    application: z.guid("expected an object id").optional().describe("Object id of a service principal in Entra"),
    domain: z.string().min(1).optional().describe("Domain name"),
    url: z.url().optional().describe("URL"),
    subscription: z.string().min(1).optional().describe("Id of an API Management subscription"),
    apiUser: z.string().min(1).optional().describe("Id of an API Management user"),
    alert: z
      .strictObject({
        product: z.enum(["defender-for-cloud", "graph-alert", "graph-incident"]),
        id: z.string().min(1),
      })
      .optional()
      .describe("An alert or incident, by where its product keeps it"),
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
      target: z
        .object({
          apiId: z.string().optional(),
          operationId: z.string().optional(),
          subscriptionId: z.string().optional(),
          apiUserId: z.string().optional(),
        })
        .optional(),
    })
    .optional(),
});
export type Request = z.infer<typeof Request>;
