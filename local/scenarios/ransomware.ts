import * as z from "zod";
import type { Stack } from "../stack.ts";
import { answerByHand, awaitRelease } from "./answer-by-hand.ts";
import { askSimulator } from "./ask-simulator.ts";
import { expect, type Play } from "./play.ts";
import { machineId } from "./tenant.ts";

const Answer = z.object({ flow: z.enum(["allowed", "blocked"]) });

/** Files are encrypted on a machine, which reaches for its neighbours. */
export const ransomware: Play = async (stack, story) => {
  story.chapter("The attack");
  const before = await flow(stack, "anywhere");
  story.say(`pay-7 encrypts files and calls its neighbours over the simulated network: ${before}`);
  expect(before === "allowed", "before the isolation the machine should reach the network");

  const run = await answerByHand(stack, story, {
    file: "graph-ransomware.json",
    product: "Defender for Endpoint",
    playbook: "contain-machine",
  });

  story.chapter("The machine goes on");
  const cut = await flow(stack, "anywhere");
  const defender = await flow(stack, "defender");
  story.say(`pay-7 → its neighbours: ${cut}      pay-7 → Defender's cloud: ${defender}`);
  expect(cut === "blocked", "the isolated machine should reach nobody");
  expect(defender === "allowed", "the isolated machine should reach Defender");

  if (!(await awaitRelease(stack, story, run))) return;
  const after = await flow(stack, "anywhere");
  story.say(`pay-7 → its neighbours: ${after}`);
  expect(after === "allowed", "after the release the machine should reach the network again");
};

async function flow(stack: Stack, destination: "defender" | "anywhere"): Promise<"allowed" | "blocked"> {
  return (await askSimulator(stack, "flows/machine", { machineId, destination }, Answer)).flow;
}
