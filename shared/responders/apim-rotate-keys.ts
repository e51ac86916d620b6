import { createHash } from "node:crypto";
import * as z from "zod";
import { readAccess, readKeys, regenerateKey } from "../azure/api-access.ts";
import type { Command, CommandResponder } from "./responder.ts";

const Keys = z.strictObject({
  keys: z
    .enum(["primary", "secondary", "both"])
    .default("both")
    .describe("Which are made anew; both cuts off everybody who calls with this subscription"),
});

export const apimRotateKeys: CommandResponder<"api-subscription"> = {
  id: "apim-rotate-keys",
  summary: "Make the keys of an API Management subscription anew: the old ones die at once.",
  kind: "command",
  point: "apim-access",
  target: "api-subscription",
  selectors: ["attacker-subscription"],
  params: Keys,
  d3fend: "D3-CRO",
  irreversible: "the old key is gone, and whoever used it rightly has to be given the new one",
  permissions: [
    { action: "Microsoft.ApiManagement/service/subscriptions/listSecrets/action" },
    { action: "Microsoft.ApiManagement/service/subscriptions/read" },
    { action: "Microsoft.ApiManagement/service/subscriptions/regeneratePrimaryKey/action" },
    { action: "Microsoft.ApiManagement/service/subscriptions/regenerateSecondaryKey/action" },
  ],
  verifyWithinMs: 5 * 60_000,
  refusal: ({ subscriptionId }) =>
    subscriptionId === "master" ? "the built-in all-access subscription is the service's own" : undefined,
  effect: (_, params) => `other keys: ${Keys.parse(params).keys}`,

  async look(command) {
    const { ask, resourceId, target } = command;
    const found = await readAccess(ask, resourceId, "subscriptions", target.subscriptionId);
    if (!found) return { state: "impossible", reason: "the service has no such subscription" };
    return { state: "free", summary: "the keys of now", memo: await marks(command) };
  },

  requests({ resourceId, target, params }) {
    const one = (key: "primary" | "secondary") => regenerateKey(resourceId, target.subscriptionId, key);
    const { keys } = Keys.parse(params);
    return keys === "both" ? [one("primary"), one("secondary")] : [one(keys)];
  },

  async check(command) {
    const { memo } = command.progress.before;
    const now = await marks(command);
    const same = chosen(command).filter((key) => memo[key] === now[key]);
    return same.length === 0
      ? { state: "done" }
      : { state: "pending", reason: `the ${same.join(" and ")} key is the old one` };
  },

  undo: async () => ({ leave: "the old keys are gone" }),
  undone: async () => ({ state: "done" }),
};

function chosen({ params }: Command<"api-subscription">): ("primary" | "secondary")[] {
  const { keys } = Keys.parse(params);
  return keys === "both" ? ["primary", "secondary"] : [keys];
}

/** Tells keys apart without keeping them: they are random and long, so their digest gives nothing away. */
async function marks({ ask, resourceId, target, containmentId }: Command<"api-subscription">) {
  const { primaryKey, secondaryKey } = await readKeys(ask, resourceId, target.subscriptionId);
  const mark = (key: string) => createHash("sha256").update(`${containmentId} ${key}`).digest("hex").slice(0, 16);
  return { primary: mark(primaryKey), secondary: mark(secondaryKey) };
}
