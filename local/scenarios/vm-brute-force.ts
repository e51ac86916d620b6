import * as z from "zod";
import type { Stack } from "../stack.ts";
import { answerByHand, awaitRelease } from "./answer-by-hand.ts";
import { askSimulator } from "./ask-simulator.ts";
import { firewallId } from "./hub-firewall.ts";
import { expect, type Play } from "./play.ts";

const attacker = "203.0.113.77";
const somebodyElse = "192.0.2.10";
const Decision = z.object({ action: z.enum(["Allow", "Deny"]), by: z.string() });

/** Somebody tries passwords at a virtual machine's Remote Desktop, behind the hub's firewall. */
export const vmBruteForce: Play = async (stack, story) => {
  story.chapter("The attack");
  const before = await rdp(stack, attacker);
  story.say(`${attacker} → 10.0.0.4:3389 through the simulated firewall: ${before.action} by ${before.by}`);
  expect(before.action === "Allow", "before the block the firewall should let the attacker through");

  const run = await answerByHand(stack, story, {
    file: "log-analytics-brute-force.json",
    product: "Defender for Cloud",
    playbook: "contain-address",
  });

  story.chapter("The attacker goes on");
  const blocked = await rdp(stack, attacker);
  const others = await rdp(stack, somebodyElse);
  story.say(`${attacker} → 10.0.0.4:3389: ${blocked.action} by ${blocked.by}`);
  story.say(`somebody else, ${somebodyElse} → 10.0.0.4:3389: ${others.action} by ${others.by}`);
  expect(blocked.action === "Deny", "the firewall should not let the attacker through");
  expect(others.action === "Allow", "the firewall should let others through");

  if (!(await awaitRelease(stack, story, run))) return;
  const after = await rdp(stack, attacker);
  story.say(`${attacker} → 10.0.0.4:3389: ${after.action} by ${after.by}`);
  expect(after.action === "Allow", "after the release the firewall should let the address through again");
};

function rdp(stack: Stack, source: string) {
  const flow = { firewall: firewallId, source, destination: "10.0.0.4", port: 3389, protocol: "TCP" };
  return askSimulator(stack, "flows", flow, Decision);
}
