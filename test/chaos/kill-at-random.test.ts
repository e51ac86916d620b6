import { setTimeout as sleep } from "node:timers/promises";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { serviceId } from "../../local/scenarios/world.ts";
import { enforcementPoint } from "../../shared/ledger/containment.ts";
import { addressOf } from "../../shared/ledger/target.ts";
import { aKillableSystem } from "../e2e/support/a-killable-system.ts";
import { publish, raise } from "../e2e/support/defender.ts";
import { blockedAddresses, fragment } from "../e2e/support/observe.ts";
import { survivesWhileAnswering } from "../e2e/support/survive-kill.ts";
import { until } from "../e2e/support/until.ts";

it("ends as if nothing had happened, whenever the host dies: also between two commits of its own", async () => {
  const anyTime = fc.integer({ min: 0, max: 700 });
  await fc.assert(
    fc.asyncProperty(anyTime, (ms) =>
      survivesWhileAnswering(async (system) => {
        await sleep(ms);
        await system.killHost();
      }),
    ),
    { numRuns: 12, endOnFailure: true },
  );
}, 300_000);

it("loses none of 100 alerts and blocks none twice when the host dies five times on the way", async () => {
  const point = enforcementPoint("apim-fragment", serviceId).key;
  const attackers = Array.from({ length: 100 }, (_, index) => `203.0.113.${index + 1}`);
  const system = await aKillableSystem({ PORTCULLIS_SWEEP_SCHEDULE: "* * * * * *" });
  try {
    await system.startHost();
    const raised = attackers.map((attacker) => raise(attacker));
    await publish(
      system.topicUrl,
      raised.map(({ payload }) => payload),
    );
    for (let kill = 0; kill < 5; kill++) {
      await sleep(150 + Math.random() * 500);
      await system.killHost();
      await system.startHost();
    }
    const { runs, containments } = system.ledger;
    for (const { runId } of raised) {
      const run = await until(`run ${runId} to conclude`, 60_000, async () => {
        const found = await runs.get(runId);
        return found?.timeline.concluded ? found : undefined;
      });
      expect(run.outcomes).toEqual([expect.objectContaining({ state: "verified" })]);
    }

    const standing = await containments.at(point);
    expect(standing.map(({ containment }) => addressOf(containment.target)).sort()).toEqual(attackers.toSorted());
    expect(standing.every(({ containment }) => containment.owners.length === 1)).toBe(true);
    expect(blockedAddresses(await fragment(system)).sort()).toEqual(attackers.toSorted());
    expect(await containments.released(point)).toEqual([]);
  } finally {
    await system.close();
  }
}, 180_000);
