import * as z from "zod";
import { commentRequest, readAlertRecord } from "../azure/alert-records.ts";
import type { Command, CommandResponder } from "./responder.ts";

const Comment = z.strictObject({
  text: z.string().max(1_000).optional().describe("What it says; without it what holds, until when, and the run's id"),
});

export const alertAddComment: CommandResponder<"alert"> = {
  id: "alert-add-comment",
  summary: "Comment on the alert or incident in Defender XDR: what holds, until when, and the run's id.",
  kind: "command",
  point: "alerts",
  target: "alert",
  selectors: ["alert"],
  params: Comment,
  momentary: "a comment stays as the record of what was done",
  permissions: [
    { api: "Microsoft Graph", appRole: "SecurityAlert.ReadWrite.All" },
    { api: "Microsoft Graph", appRole: "SecurityIncident.ReadWrite.All" },
  ],
  verifyWithinMs: 15 * 60_000,
  refusal: ({ product }) =>
    product === "graph-alert" || product === "graph-incident"
      ? undefined
      : `${product} has no comments that an application may write`,
  effect: () => "one comment more",

  async look(command) {
    const record = await readAlertRecord(command.ask, command.target);
    if (!record) return { state: "impossible", reason: "the product has no such alert" };
    if (record.mergedInto !== undefined)
      return { state: "impossible", reason: `it was merged into the incident ${record.mergedInto}: answer that one` };
    const summary = `${record.comments.length} comments`;
    return record.comments.includes(textOf(command))
      ? { state: "held", summary, ours: true }
      : { state: "free", summary };
  },

  requests: (command) => [commentRequest(command.target, textOf(command))],

  async check(command) {
    const record = await readAlertRecord(command.ask, command.target);
    if (record?.comments.includes(textOf(command))) return { state: "done" };
    return { state: "pending", reason: "the comment is not to be seen yet" };
  },

  undo: async () => ({ leave: "the comment stays" }),
  undone: async () => ({ state: "done" }),
};

/** The containment's id and the run's, in the text of a report, make it known again. */
function textOf({ params, containmentId }: Command<"alert">): string {
  return `${Comment.parse(params).text ?? "Portcullis has answered this."} (Portcullis ${containmentId})`;
}
