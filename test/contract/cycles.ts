import { expect } from "vitest";
import type { Protection } from "../../shared/guardrails/guardrail.ts";
import { responders } from "../../shared/responders/responders.ts";
import { aTenantPoint } from "./a-tenant-point.ts";
import { aWorld, type Case, cloudAppsUrl } from "./cases.ts";

/** One call in five goes wrong, in every way in which calls do. */
const share = 0.04;

/**
 * Contains and releases again so many times while one call in five fails, is throttled or loses its answer, and expects that each time it
 * came about, was done by nobody else's cost, and left what was there before.
 */
export async function runCycles(one: Case, cycles: number, protection: Protection): Promise<void> {
  const world = await aWorld();
  try {
    const { faults } = world.azure;
    faults.add({ kind: "status", operation: "*", status: 500, probability: share });
    faults.add({ kind: "status", operation: "*", status: 503, retryAfterSeconds: 5, probability: share });
    faults.add({ kind: "status", operation: "*", status: 429, retryAfterSeconds: 10, probability: share });
    faults.add({ kind: "drop", operation: "*", moment: "before", probability: share });
    faults.add({ kind: "drop", operation: "*", moment: "after", probability: share });
    const at = aTenantPoint(one.point, { ...world, protection, cloudAppsUrl });
    const responder = responders.get(one.responder);
    const lasting = responder?.irreversible !== undefined || responder?.momentary !== undefined;
    const bystanders = JSON.stringify(one.bystanders?.(world));

    for (let cycle = 1; cycle <= cycles; cycle++) {
      const before = JSON.stringify(one.look(world));
      const id = await at.want({ ...one, owner: `alert-${cycle}`, minutes: 100_000 });
      await at.settle();
      expect(`${cycle}: ${await at.state(id)}`).toBe(`${cycle}: verified`);
      const contained = JSON.stringify(one.look(world));
      if (cycle === 1 || !one.doneOnce) expect(contained).not.toBe(before);

      await at.end(id);
      await at.settle();

      expect(`${cycle}: ${await at.state(id)}`).toBe(`${cycle}: gone`);
      expect(JSON.stringify(one.look(world))).toBe(lasting ? contained : before);
      // Days go by between two attacks, and with them what counts against the services' limits.
      await world.clock.advance(3_600_000);
    }
    expect(JSON.stringify(one.bystanders?.(world))).toBe(bystanders);
  } finally {
    await world.close();
  }
}
