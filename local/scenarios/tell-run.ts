import type { Run } from "../../shared/ledger/run.ts";
import { describeTarget } from "../../shared/ledger/target.ts";
import { expect } from "./play.ts";
import type { Story } from "./story.ts";
import { tellLookUps } from "./tell-look-ups.ts";

export function tellDecision(run: Run, story: Story): void {
  const { decision } = run;
  story.chapter("The decision");
  tellLookUps(run, story);
  for (const step of decision.steps) {
    const { responder, verdict, containment, because, against } = step;
    const target = containment ? describeTarget(containment.target) : "nothing";
    story.say(`${verdict} ${responder} on ${target}, until ${containment?.expiresAt}`);
    for (const reason of because) story.say(`  for: ${reason}`);
    for (const reason of against) story.say(`  against: ${reason}`);
  }
  const others = decision.passedOver.length;
  if (others > 0) story.say(`${others} other playbooks do not match; GET /api/runs/{id} says why`);
  expect(
    decision.steps.some(({ verdict }) => verdict === "enforce"),
    "a step should have been enforced",
  );
}

export function tellPlan({ plans, planHash }: Run, story: Story): void {
  story.chapter("The plan, before anything was written");
  for (const { requests, diff, doubts } of plans) {
    for (const { method, url, headers } of requests) {
      const condition = Object.entries(headers).flatMap(([name, value]) =>
        name.startsWith("If-") ? [`   ${name}: ${value}`] : [],
      );
      story.say(`${method} ${shortened(url)}${condition.join("")}`);
    }
    if (diff) story.quote(withoutHeader(diff));
    for (const doubt of doubts) story.say(`doubt: ${doubt}`);
  }
  story.say(`plan hash ${planHash.slice(0, 16)}…`);
}

export function tellOutcome({ outcomes }: Run, story: Story): void {
  story.chapter("Written, and read back");
  for (const { containment, state, reason } of outcomes)
    story.say(`${containment}: ${state}${reason ? ` (${reason})` : ""}`);
  expect(
    outcomes.length > 0 && outcomes.every(({ state }) => state === "verified"),
    "every containment should be verified",
  );
}

export function tellTimes({ timeline }: Run, story: Story): void {
  story.chapter("Time to contain, by stage");
  const stages = ["detected", "delivered", "decided", "accepted", "verified"] as const;
  let previous: string | undefined;
  for (const stage of stages) {
    const at = timeline[stage];
    if (at === undefined) continue;
    const since = previous === undefined ? "" : `+${Date.parse(at) - Date.parse(previous)} ms`;
    story.say(`${stage.padEnd(10)} ${at.slice(11, 23)}  ${since}`);
    previous = at;
  }
  story.say(
    "Simulated: what the services themselves take is not in these numbers, except for the waits that the simulation plays.",
  );
}

export function withoutHeader(diff: string): string {
  return diff
    .split("\n")
    .filter((line) => !/^(Index:|={5,}|---|\+\+\+|\\ No newline)/.test(line))
    .join("\n");
}

/** Without what all resources of the simulated subscription have in common. */
function shortened(url: string): string {
  return url.replace("https://management.azure.com/", "…/").replace(/subscriptions\/.*\/(?=(service|ipGroups)\/)/, "");
}
