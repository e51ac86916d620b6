import { expect, it } from "vitest";
import type { Clock } from "../../../shared/clock.ts";
import { type ContainmentState, containmentId, enforcementPoint } from "../../../shared/ledger/containment.ts";
import type { Held } from "../../../shared/ledger/containments.ts";
import { gather } from "../../../shared/reconcile/gather.ts";

const point = enforcementPoint("apim-fragment", "/service");

function held(count: number, state: ContainmentState = "requested"): Held[] {
  return Array.from({ length: count }, (_, index) => {
    const target = { kind: "api-caller" as const, scope: { kind: "service" as const }, address: `203.0.113.${index}` };
    const id = containmentId("apim-block-ip", point, target);
    const requestedAt = "2026-11-23T09:30:00.000Z";
    return {
      containment: { id, responder: "apim-block-ip", point, target, priority: 0, owners: [], state, requestedAt },
      row: { partitionKey: point.key, rowKey: id, etag: "1", columns: {} },
    };
  });
}

/** A ledger that holds so many at each look, and how long was waited. */
async function gatherFrom(looks: readonly Held[][]) {
  let look = 0;
  let waitedMs = 0;
  const clock: Clock = {
    now: () => new Date(0),
    sleep: async (ms) => {
      waitedMs += ms;
    },
  };
  const containments = { at: async () => looks[Math.min(look++, looks.length - 1)] ?? [] };
  const found = await gather(point.key, { containments, clock });
  return { found: found.length, waitedMs };
}

it("waits for nobody when few come, and not for those that stand already", async () => {
  expect(await gatherFrom([held(0), held(500)])).toEqual({ found: 0, waitedMs: 0 });
  expect(await gatherFrom([held(19), held(500)])).toEqual({ found: 19, waitedMs: 0 });
  expect(await gatherFrom([held(400, "verified"), held(500)])).toEqual({ found: 400, waitedMs: 0 });
});

it("waits while a flood rises, and no longer", async () => {
  const looks = [held(20), held(100), held(180), held(184), held(500)];

  expect(await gatherFrom(looks)).toEqual({ found: 184, waitedMs: 3_000 });
});

it("does not wait for ever: the first of a flood that never ends are contained after ten seconds", async () => {
  const looks = Array.from({ length: 30 }, (_, index) => held(20 * (index + 1)));

  expect(await gatherFrom(looks)).toEqual({ found: 220, waitedMs: 10_000 });
});
