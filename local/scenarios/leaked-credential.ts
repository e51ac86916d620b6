import * as z from "zod";
import type { Stack } from "../stack.ts";
import { answerByHand, awaitRelease } from "./answer-by-hand.ts";
import { askSimulator } from "./ask-simulator.ts";
import { expect, type Play } from "./play.ts";
import { userId } from "./tenant.ts";

const Session = z.object({ outcome: z.literal("signed-in"), accessToken: z.string(), refreshToken: z.string() });
const Refusal = z.object({ outcome: z.literal("refused"), code: z.string() });
const SignIn = z.discriminatedUnion("outcome", [Session, Refusal]);
const Called = z.object({ status: z.number() });

/** A user's password and tokens are stolen from a machine's memory. */
export const leakedCredential: Play = async (stack, story) => {
  story.chapter("The attack");
  const stolen = await session(stack, { signIn: userId });
  story.say(`With what was stolen, somebody signs in to the simulated tenant as Robin: ${said(stolen)}`);
  if (stolen.outcome === "refused") return expect(false, "before the containment the sign-in should succeed");

  const run = await answerByHand(stack, story, {
    file: "endpoint-credential-theft.json",
    product: "Defender for Endpoint",
    playbook: "contain-user",
  });

  story.chapter("The thief goes on");
  const [again, renewed] = [
    await session(stack, { signIn: userId }),
    await session(stack, { redeem: stolen.refreshToken }),
  ];
  const called = await askSimulator(stack, "flows/session", { call: stolen.accessToken }, Called);
  story.say(`signs in: ${said(again)}      renews the session: ${said(renewed)}`);
  story.say(`calls a service with the access token that was there before: ${called.status}`);
  story.say(
    "An access token lives until it expires, 60 to 90 minutes after it was issued, at services without continuous access evaluation.",
  );
  expect(again.outcome === "refused" && renewed.outcome === "refused", "neither password nor session should be of use");

  if (!(await awaitRelease(stack, story, run))) return;
  const robin = await session(stack, { signIn: userId });
  const old = await session(stack, { redeem: stolen.refreshToken });
  story.say(`Robin signs in: ${said(robin)}      the thief renews the old session: ${said(old)}`);
  expect(robin.outcome === "signed-in", "after the release the user should be able to sign in");
  expect(old.outcome === "refused", "a revoked session should stay revoked");
};

function session(stack: Stack, question: { signIn: string } | { redeem: string }) {
  return askSimulator(stack, "flows/session", question, SignIn);
}

function said(answer: z.infer<typeof SignIn>): string {
  return answer.outcome === "refused" ? `refused, ${answer.code}` : "signed in";
}
