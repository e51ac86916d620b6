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
const before = request("before");
const after = request("after");

const deliveryTaken: Killer = async (system) => {
  await until("the delivery to be taken", 10_000, () => system.delivered() > 0 || undefined, 1);
  await system.killHost();
};

describe.concurrent("kill -9 of the host, then a restart, ends as if nothing had happened", { timeout: 60_000 }, () => {
  it.each<[string, Killer]>([
    ["before the alert is registered", before("POST Alerts", 2)],
    ["after the alert was registered and before its run was started", after("POST Alerts", 2)],
    ["after the run was started and before the delivery was answered", before("PUT Intake", 2)],
    ["right after the delivery was taken", deliveryTaken],
    ["before the decision is recorded", before("PUT Runs")],
    ["after the decision was recorded", after("PUT Runs")],
    ["after the containment was entered in the ledger", after("POST Containments")],
    ["before the block is written", before("PUT policyFragments")],
    ["after the block was written and before that is known", after("PUT policyFragments")],
    ["after the block was read back and before that is recorded", before("PUT Containments")],
    ["after the verification was recorded", after("PUT Containments")],
    ["after the conclusion was recorded and before the alert is marked", after("PUT Runs", 2)],
  ])("%s", (_, kill) => survivesWhileAnswering(kill));

  it.each<[string, Killer]>([
    ["before the block is taken out", before("PUT policyFragments")],
    ["after the block was taken out and before that is known", after("PUT policyFragments")],
    ["after the release was recorded and before the containment leaves the ledger", after("PUT Released", 2)],
  ])("%s", (_, kill) => survivesWhileReleasing(kill));
});
