import * as z from "zod";
import { understood } from "../azure/understood.ts";
import type { Command, CommandResponder } from "./responder.ts";

const User = z.object({
  userType: z.string().nullish(),
  signInSessionsValidFromDateTime: z.string().nullish(),
});

/** "A few minutes" until refresh tokens are refused: https://learn.microsoft.com/graph/api/user-revokesigninsessions */
const graceMs = 15 * 60_000;

export const entraRevokeSessions: CommandResponder<"user"> = {
  id: "entra-revoke-sessions",
  summary: "Revoke a user's sign-in sessions: they have to sign in again once their access tokens end.",
  kind: "command",
  point: "identity",
  target: "user",
  selectors: ["victim-user", "attacker-user"],
  params: z.strictObject({}),
  d3fend: "D3-ANCI",
  momentary: "the user signs in again, nothing stays",
  permissions: [
    { api: "Microsoft Graph", appRole: "User.RevokeSessions.All" },
    { api: "Microsoft Graph", appRole: "User.Read.All" },
  ],
  verifyWithinMs: graceMs,
  refusal: () => undefined,
  effect: () => "sessions of before now are not valid any more; access tokens live on until they end, an hour mostly",

  async look(command) {
    const user = await read(command);
    if (!user) return { state: "impossible", reason: "the directory knows no such user" };
    if (user.userType?.toLowerCase() === "guest")
      return {
        state: "impossible",
        reason: "a guest's sessions are kept by their home tenant: ask its administrators",
      };
    const validFrom = user.signInSessionsValidFromDateTime ?? null;
    return { state: "free", summary: `sessions valid from ${validFrom ?? "the beginning"}`, memo: { validFrom } };
  },

  requests: ({ target }) => [
    {
      service: "graph",
      attempt: `revoke the sessions of the user ${target.userId}`,
      method: "POST",
      path: `/v1.0/users/${encodeURIComponent(target.userId)}/revokeSignInSessions`,
    },
  ],

  async check(command) {
    const user = await read(command);
    const { before, attemptedAt = "" } = command.progress;
    const now = Date.parse(user?.signInSessionsValidFromDateTime ?? "");
    const then = Date.parse(String(before.memo.validFrom));
    // The service answers `true` whatever comes of it: this is the only proof. It keeps whole seconds, so that somebody else's revocation
    // of the same second looks like ours, and is as good.
    const moved = now > then || (!Number.isNaN(now) && (Number.isNaN(then) || now >= Date.parse(attemptedAt) - 1_000));
    return moved
      ? { state: "done" }
      : { state: "pending", reason: "signInSessionsValidFromDateTime has not moved yet" };
  },

  undo: async () => ({ leave: "sessions are revoked once" }),
  undone: async () => ({ state: "done" }),
};

async function read({ ask, target }: Command<"user">) {
  const attempt = `read the user ${target.userId}`;
  const path = `/v1.0/users/${encodeURIComponent(target.userId)}?$select=userType,signInSessionsValidFromDateTime`;
  const answer = await ask({ service: "graph", attempt, method: "GET", path });
  return answer.status === 404 ? undefined : understood(attempt, answer, User);
}
