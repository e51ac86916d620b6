import { describe, it } from "vitest";
import type { Moment } from "./support/a-killable-system.ts";
import { at, type Killer, survivesWhileAnswering, survivesWhileReleasing } from "./support/survive-kill.ts";
import { until } from "./support/until.ts";

/** The n-th request of that name since the test began to count; the tables are missing at first, so some requests come twice. */
const request =
  (when: Moment["when"]) =>
  (name: string, nth = 1): Killer =>
    at({
      when,
      is: (passage, earlier) =>
        passage.name === name && earlier.filter((other) => other.name === name).length === nth - 1,
    });
const justBefore = request("before");
const justAfter = request("after");

const deliveryTaken: Killer = async (system) => {
  await until("the delivery to be taken", 10_000, () => system.delivered() > 0 || undefined, 1);
  await system.killHost();
};

describe.concurrent("kill -9 of the host, then a restart, ends as if nothing had happened", { timeout: 60_000 }, () => {
  it.each<[string, Killer]>([
    ["before the alert is registered", justBefore("POST Alerts", 2)],
    ["after the alert was registered and before its run was started", justAfter("POST Alerts", 2)],
    ["after the run was started and before the delivery was answered", justBefore("PUT Intake", 2)],
    ["right after the delivery was taken", deliveryTaken],
    ["before the decision is recorded", justBefore("PUT Runs")],
    ["after the decision was recorded", justAfter("PUT Runs")],
    ["after the containment was entered in the ledger", justAfter("POST Containments")],
    ["before the block is written", justBefore("PUT policyFragments")],
    ["after the block was written and before that is known", justAfter("PUT policyFragments")],
    ["after the block was read back and before that is recorded", justBefore("PUT Containments")],
    ["after the verification was recorded", justAfter("PUT Containments")],
    ["after the conclusion was recorded and before the alert is marked", justAfter("PUT Runs", 2)],
  ])("%s", (_, kill) => survivesWhileAnswering(kill));

  it.each<[string, Killer]>([
    ["before the block is taken out", justBefore("PUT policyFragments")],
    ["after the block was taken out and before that is known", justAfter("PUT policyFragments")],
    ["after the release was recorded and before the containment leaves the ledger", justAfter("PUT Released", 2)],
  ])("%s", (_, kill) => survivesWhileReleasing(kill));
});
