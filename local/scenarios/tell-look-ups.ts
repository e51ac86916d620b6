import type { Run } from "../../shared/ledger/run.ts";
import type { Story } from "./story.ts";

/** What was looked up about the alert before deciding, and what could not be. */
export function tellLookUps({ enrichment }: Run, story: Story): void {
  if (!enrichment) return;
  const { ownAddresses, apiSubscriptions, machines, identities } = enrichment;
  for (const { about, ...answer } of ownAddresses.asked) {
    if ("miss" in answer) story.say(`looked up: whether ${about} is our own address: ${answer.miss}`);
    else if (answer.found.own) story.say(`looked up: ${about} belongs to ${answer.found.owner}`);
    else story.say(`looked up: ${about} is not among ${answer.found.notAmong}`);
  }
  for (const { about, ...answer } of apiSubscriptions.asked) {
    if ("miss" in answer) story.say(`looked up: with which key ${about} called: ${answer.miss}`);
    else {
      const keys = answer.found.subscriptions.map(
        ({ id, calls }) => `${calls} times with the key of ${id || "nobody"}`,
      );
      story.say(`looked up: ${about} called ${keys.join(", ") || "not at all, as far as the gateway's log goes"}`);
    }
  }
  for (const { about, ...answer } of [...machines.asked, ...identities.asked])
    story.say(`looked up: ${about}: ${"miss" in answer ? answer.miss : answer.found.id}`);
}
