import * as z from "zod";
import { readAccess, writeAccess } from "../azure/api-access.ts";
import type { Attempted, CommandResponder } from "./responder.ts";

export const apimBlockUser: CommandResponder<"api-user"> = {
  id: "apim-block-user",
  summary: "Block a user of API Management: no sign-in at the developer portal, no calls with their keys.",
  kind: "command",
  point: "apim-access",
  target: "api-user",
  selectors: ["attacker-api-user"],
  params: z.strictObject({}),
  d3fend: "D3-AL",
  permissions: [
    { action: "Microsoft.ApiManagement/service/users/read" },
    { action: "Microsoft.ApiManagement/service/users/write" },
  ],
  verifyWithinMs: 5 * 60_000,
  // The user with the id 1 is the administrator that every service is made with.
  refusal: ({ userId }) => (userId === "1" ? "the built-in administrator is the service's own" : undefined),
  effect: () => "state: blocked",

  async look({ ask, resourceId, target }) {
    const found = await readAccess(ask, resourceId, "users", target.userId);
    if (!found) return { state: "impossible", reason: "the service has no such user" };
    const summary = `state: ${found.state}`;
    if (found.state === "blocked") return { state: "held", summary, ours: false };
    return { state: "free", summary, memo: { etag: found.etag, state: found.state } };
  },

  requests: ({ resourceId, target }, { memo }) => [
    writeAccess(resourceId, "users", target.userId, { state: "blocked" }, String(memo.etag)),
  ],

  async check(command) {
    const state = await stateOf(command);
    return state === "blocked" ? { state: "done" } : { state: "pending", reason: `state is ${state}` };
  },

  async undo({ ask, resourceId, target, progress }) {
    const found = await readAccess(ask, resourceId, "users", target.userId);
    if (!found) return { leave: "the user is gone" };
    if (found.state !== "blocked") return { leave: `somebody has set it to ${found.state}` };
    const state = String(progress.before.memo.state ?? "active");
    return { request: writeAccess(resourceId, "users", target.userId, { state }, found.etag) };
  },

  async undone(command) {
    const state = await stateOf(command);
    return state === "blocked" ? { state: "pending", reason: "state is still blocked" } : { state: "done" };
  },
};

async function stateOf({ ask, resourceId, target }: Attempted<"api-user">): Promise<string> {
  return (await readAccess(ask, resourceId, "users", target.userId))?.state ?? "gone";
}
