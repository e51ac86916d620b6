import * as z from "zod";
import { AlertStatus, hasStatus, readAlertRecord, statusRefusal, statusRequest } from "../azure/alert-records.ts";
import type { CommandResponder } from "./responder.ts";

const Status = z.strictObject({
  status: AlertStatus.describe(
    "What the alert is set to, where its product keeps it. That it was a true positive is for a person to say",
  ),
});

export const alertSetStatus: CommandResponder<"alert"> = {
  id: "alert-set-status",
  summary: "Set the status of the alert where its product keeps it.",
  kind: "command",
  point: "alerts",
  target: "alert",
  selectors: ["alert"],
  params: Status,
  momentary: "a status is the product's own record, and people go on from it",
  permissions: [
    { action: "Microsoft.Security/locations/alerts/dismiss/action" },
    { action: "Microsoft.Security/locations/alerts/inProgress/action" },
    { action: "Microsoft.Security/locations/alerts/read" },
    { action: "Microsoft.Security/locations/alerts/resolve/action" },
    { api: "Microsoft Cloud App Security", appRole: "Investigation.manage" },
    { api: "Microsoft Graph", appRole: "SecurityAlert.ReadWrite.All" },
    { api: "Microsoft Graph", appRole: "SecurityIncident.ReadWrite.All" },
  ],
  verifyWithinMs: 15 * 60_000,
  refusal: (target, params) => statusRefusal(target, Status.parse(params).status),
  effect: (_, params) => `status: ${Status.parse(params).status}`,

  async look({ ask, target, params }) {
    const record = await readAlertRecord(ask, target);
    if (!record) return { state: "impossible", reason: "the product has no such alert" };
    if (record.mergedInto !== undefined)
      return { state: "impossible", reason: `it was merged into the incident ${record.mergedInto}: answer that one` };
    const summary = `status: ${record.status}`;
    const { status } = Status.parse(params);
    return hasStatus(target, record, status) ? { state: "held", summary, ours: false } : { state: "free", summary };
  },

  requests: ({ target, params, containmentId }) => [
    statusRequest(target, Status.parse(params).status, `Portcullis ${containmentId}`),
  ],

  async check({ ask, target, params }) {
    const record = await readAlertRecord(ask, target);
    if (record && hasStatus(target, record, Status.parse(params).status)) return { state: "done" };
    return { state: "pending", reason: record ? `status is ${record.status}` : "the product does not show the alert" };
  },

  undo: async () => ({ leave: "people go on from its status" }),
  undone: async () => ({ state: "done" }),
};
