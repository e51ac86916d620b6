import { afterEach, beforeEach, expect, it } from "vitest";
import { fragmentId } from "../../shared/reconcile/fragment-document.ts";
import { aFragmentPoint, type FragmentPoint, orders } from "../support/a-fragment-point.ts";

/** One call in five goes wrong, in every way in which calls do. */
const probability = 0.04;
const cycles = 200;
/** Far more than any of it takes. */
const mostPasses = 100;
let at: FragmentPoint;

beforeEach(async () => {
  at = await aFragmentPoint();
});
afterEach(() => at.shop.close());

/** Passes as the single writer makes them: again after the time that the last one asks for, until the containment is so. */
async function passUntil(id: string, state: string | undefined): Promise<void> {
  for (let pass = 0; pass < mostPasses; pass++) {
    const { retryAfterMs } = await at.pass({ fresh: pass > 0 });
    if ((await at.states())[id] === state) return;
    await at.later((retryAfterMs ?? 60_000) / 60_000);
  }
  throw new Error(`${id} is ${(await at.states())[id]} and not ${state}`);
}

it.each([
  ["apim-block-ip", {}],
  ["apim-limit-rate", { calls: 10, periodSeconds: 60 }],
])(
  "%s comes about and is taken back two hundred times although one call in five goes wrong",
  async (responder, params) => {
    const { service, azure } = at.shop;
    const bystander = await at.block("203.0.113.1", { owner: "another alert", minutes: 1_000_000 });
    await passUntil(bystander, "verified");
    const before = service.fragments.get(fragmentId)?.xml;
    const policies = JSON.stringify([...service.policies]);
    const faults = [
      { kind: "status", status: 500 },
      { kind: "status", status: 503, retryAfterSeconds: 5 },
      { kind: "status", status: 429, retryAfterSeconds: 10 },
      { kind: "drop", moment: "before" },
      { kind: "drop", moment: "after" },
    ] as const;
    for (const fault of faults) azure.faults.add({ ...fault, operation: "*", probability });

    for (let cycle = 1; cycle <= cycles; cycle++) {
      const id = await at.want(
        responder,
        { scope: orders, address: "203.0.113.7" },
        { owner: `alert-${cycle}`, params },
      );
      await passUntil(id, "verified");
      expect(service.fragments.get(fragmentId)?.xml.match(/203\.0\.113\.7\b/g), `${cycle}`).not.toBeNull();

      await at.later(61);
      await passUntil(id, undefined);

      expect(service.fragments.get(fragmentId)?.xml, `${cycle}`).toBe(before);
    }
    azure.faults.clear();
    await passUntil(bystander, "verified");
    expect(JSON.stringify([...service.policies])).toBe(policies);
  },
  600_000,
);
