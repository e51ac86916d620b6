import { Hono } from "hono";
import * as z from "zod";
import type { SignIns } from "./sign-ins.ts";

const Question = z.union([
  z.strictObject({ signIn: z.string().describe("A user's object id") }),
  z.strictObject({ redeem: z.string().describe("A refresh token") }),
  z.strictObject({ call: z.string().describe("An access token") }),
]);

/** What somebody with a password or a token of the tenant still gets: the sign-ins of a play, which no real user makes. */
export function signInRoutes(signIns: SignIns): Hono {
  const flows = new Hono();
  flows.post("/_simulator/flows/session", async (context) => {
    const asked = Question.safeParse(await context.req.json());
    if (!asked.success) return context.json({ error: z.prettifyError(asked.error) }, 400);
    if ("signIn" in asked.data) return context.json(signIns.signIn(asked.data.signIn));
    if ("redeem" in asked.data) return context.json(signIns.redeem(asked.data.redeem));
    return context.json(signIns.call(asked.data.call, { cae: false }));
  });
  return flows;
}
