import * as z from "zod";
import { understood } from "../azure/understood.ts";
import type { Command, CommandResponder } from "./responder.ts";

const RiskyUser = z.object({ riskState: z.string() });

/** From these a dismissal leads back; a user who was at risk before would come out as harmless. */
const harmless = ["none", "dismissed", "remediated", "confirmedsafe"];

export const entraConfirmCompromised: CommandResponder<"user"> = {
  id: "entra-confirm-compromised",
  summary: "Tell Entra ID Protection that a user is compromised, so that risk policies answer (Entra ID P2).",
  kind: "command",
  point: "identity",
  target: "user",
  selectors: ["victim-user", "attacker-user"],
  params: z.strictObject({}),
  permissions: [{ api: "Microsoft Graph", appRole: "IdentityRiskyUser.ReadWrite.All" }],
  verifyWithinMs: 15 * 60_000,
  refusal: () => undefined,
  effect: () => "riskState: confirmedCompromised",

  async look(command) {
    const riskState = await read(command);
    const summary = `riskState: ${riskState}`;
    return isConfirmed(riskState)
      ? { state: "held", summary, ours: false }
      : { state: "free", summary, memo: { riskState } };
  },

  requests: ({ target }) => [report(target.userId, "confirmCompromised")],

  async check(command) {
    const riskState = await read(command);
    return isConfirmed(riskState) ? { state: "done" } : { state: "pending", reason: `riskState is ${riskState}` };
  },

  async undo(command) {
    const riskState = await read(command);
    if (!isConfirmed(riskState)) return { leave: `riskState is ${riskState}: somebody has decided otherwise` };
    const before = String(command.progress.before.memo.riskState ?? "none");
    if (!harmless.includes(before.toLowerCase()))
      return {
        leave: `the user was ${before} before: dismissing the risk would call them harmless, a person has to decide`,
      };
    return { request: report(command.target.userId, "dismiss") };
  },

  async undone(command) {
    const riskState = await read(command);
    return isConfirmed(riskState) ? { state: "pending", reason: `riskState is ${riskState}` } : { state: "done" };
  },
};

function report(userId: string, verb: "confirmCompromised" | "dismiss") {
  return {
    service: "graph" as const,
    attempt: `${verb === "dismiss" ? "dismiss the risk of" : "confirm as compromised"} the user ${userId}`,
    method: "POST" as const,
    path: `/v1.0/identityProtection/riskyUsers/${verb}`,
    body: { userIds: [userId] },
  };
}

/** Who was never seen at risk is not listed. */
async function read({ ask, target }: Command<"user">): Promise<string> {
  const attempt = `read the risk of the user ${target.userId}`;
  const path = `/v1.0/identityProtection/riskyUsers/${encodeURIComponent(target.userId)}`;
  const answer = await ask({ service: "graph", attempt, method: "GET", path });
  return answer.status === 404 ? "none" : understood(attempt, answer, RiskyUser).riskState;
}

function isConfirmed(riskState: string): boolean {
  return riskState.toLowerCase() === "confirmedcompromised";
}
