import * as z from "zod";
import { readAccess, writeAccess } from "../azure/api-access.ts";
import type { Attempted, CommandResponder } from "./responder.ts";

export const apimSuspendSubscription: CommandResponder<"api-subscription"> = {
  id: "apim-suspend-subscription",
  summary: "Suspend an API Management subscription: calls with its keys answer 401.",
  kind: "command",
  point: "apim-access",
  target: "api-subscription",
  selectors: ["attacker-subscription"],
  params: z.strictObject({}),
  d3fend: "D3-CR",
  permissions: [
    { action: "Microsoft.ApiManagement/service/subscriptions/read" },
    { action: "Microsoft.ApiManagement/service/subscriptions/write" },
  ],
  verifyWithinMs: 5 * 60_000,
  refusal: ({ subscriptionId }) =>
    subscriptionId === "master" ? "the built-in all-access subscription is the service's own" : undefined,
  effect: () => "state: suspended",

  async look({ ask, resourceId, target }) {
    const found = await readAccess(ask, resourceId, "subscriptions", target.subscriptionId);
    if (!found) return { state: "impossible", reason: "the service has no such subscription" };
    const summary = `state: ${found.state}`;
    // Suspended, cancelled, expired: none of them lets a call through.
    if (found.state !== "active") return { state: "held", summary, ours: false };
    return { state: "free", summary, memo: { etag: found.etag, state: found.state } };
  },

  requests: ({ resourceId, target }, { memo }) => [
    writeAccess(resourceId, "subscriptions", target.subscriptionId, { state: "suspended" }, String(memo.etag)),
  ],

  async check(command) {
    const state = await stateOf(command);
    return state === "active" ? { state: "pending", reason: "state is still active" } : { state: "done" };
  },

  async undo({ ask, resourceId, target, progress }) {
    const found = await readAccess(ask, resourceId, "subscriptions", target.subscriptionId);
    if (!found) return { leave: "the subscription is gone" };
    if (found.state !== "suspended") return { leave: `somebody has set it to ${found.state}` };
    const state = String(progress.before.memo.state ?? "active");
    return { request: writeAccess(resourceId, "subscriptions", target.subscriptionId, { state }, found.etag) };
  },

  async undone(command) {
    const state = await stateOf(command);
    return state === "suspended" ? { state: "pending", reason: "state is still suspended" } : { state: "done" };
  },
};

async function stateOf({ ask, resourceId, target }: Attempted<"api-subscription">): Promise<string> {
  return (await readAccess(ask, resourceId, "subscriptions", target.subscriptionId))?.state ?? "gone";
}
