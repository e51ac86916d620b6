import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fragmentId, renderFragment } from "../../../shared/reconcile/fragment-document.ts";
import { aFragmentPoint, type FragmentPoint } from "../../support/a-fragment-point.ts";
import { expectBothVerified, oneMore } from "../../support/one-more.ts";

const put = "PolicyFragment_CreateOrUpdate";
const get = "PolicyFragment_Get";
let at: FragmentPoint;

beforeEach(async () => {
  at = await aFragmentPoint();
});
afterEach(() => at.shop.close());

describe("a fault that passes costs time and no entry", () => {
  it("412 once: reads again and writes", async () => {
    const ids = await oneMore(at);
    at.shop.azure.faults.add({ kind: "status", operation: put, status: 412, count: 1 });

    const pass = await at.pass();

    expect(at.shop.takeCalls()).toEqual([`${put} 412`, `${put} 200`]);
    expect(pass.writes).toBe(1);
    await expectBothVerified(at, ids);
  });

  it("somebody writes between the read and the write: their change is seen before ours goes over it", async () => {
    const ids = await oneMore(at);
    let edited = false;
    at.shop.intercept(({ method, url }) => {
      if (method !== "PUT" || edited || !url.includes(fragmentId)) return undefined;
      edited = true;
      at.shop.service.fragments.set(fragmentId, {
        xml: renderFragment([]),
        etag: '"between"',
        provisioningState: "Succeeded",
      });
      return undefined;
    });

    await at.pass();

    expect(at.shop.takeCalls()).toEqual([`${put} 412`, `${put} 200`]);
    await expectBothVerified(at, ids);
  });

  it("412 without end: gives up for now, says so, and comes back", async () => {
    const ids = await oneMore(at);
    at.shop.azure.faults.add({ kind: "status", operation: put, status: 412 });

    const pass = await at.pass();

    expect(at.shop.takeCalls()).toEqual(Array(4).fill(`${put} 412`));
    expect(pass).toMatchObject({ writes: 0, retryAfterMs: 15_000 });
    expect(pass.outcomes.get(ids.id)).toMatchObject({ state: "requested", reason: expect.stringMatching(/\S/) });

    at.shop.azure.faults.clear();
    await at.pass();
    await expectBothVerified(at, ids);
  });

  it.each([
    ["429 with Retry-After", { kind: "status", status: 429, retryAfterSeconds: 17 }, 17_000],
    ["429 without", { kind: "status", status: 429 }, 15_000],
    ["500", { kind: "status", status: 500 }, 15_000],
    ["503", { kind: "status", status: 503 }, 15_000],
    ["409, another write is under way", { kind: "status", status: 409 }, 15_000],
    ["a connection that drops before the write", { kind: "drop", moment: "before" }, 15_000],
  ] as const)("%s: asks to be tried again after the time it names", async (_, fault, retryAfterMs) => {
    const ids = await oneMore(at);
    at.shop.azure.faults.add({ ...fault, operation: put, count: 1 });

    const pass = await at.pass();

    expect(pass).toMatchObject({
      writes: 0,
      retryAfterMs,
      trouble: expect.stringContaining("could not write the fragment"),
    });
    expect(pass.outcomes.get(ids.id)).toMatchObject({ state: "requested", reason: pass.trouble });
    expect(at.standing()).toEqual(["203.0.113.1"]);

    await at.pass();
    await expectBothVerified(at, ids);
  });

  it("a connection that drops after the write took effect: the next pass finds it standing and writes nothing", async () => {
    const ids = await oneMore(at);
    at.shop.azure.faults.add({ kind: "drop", operation: put, moment: "after", count: 1 });

    const first = await at.pass();
    expect(first).toMatchObject({ retryAfterMs: 15_000, writes: 0 });
    expect(at.shop.takeCalls()).toEqual([`${put} dropped`]);

    const second = await at.pass();
    expect(at.shop.takeCalls()).toEqual([]);
    expect(second.writes).toBe(0);
    await expectBothVerified(at, ids);
  });

  it.each([
    ["500", { kind: "status", status: 500 }],
    ["429", { kind: "status", status: 429, retryAfterSeconds: 15 }],
    ["a dropped connection", { kind: "drop", moment: "before" }],
  ] as const)("%s while reading: nothing is written blindly", async (_, fault) => {
    const ids = await oneMore(at);
    at.shop.azure.faults.add({ ...fault, operation: get, count: 1 });

    const pass = await at.pass({ fresh: true });

    expect(at.shop.takeCalls()).toEqual([]);
    expect(pass.retryAfterMs).toBe(15_000);

    await at.pass({ fresh: true });
    await expectBothVerified(at, ids);
  });

  it("500 while reading back: what was written is found by the next pass", async () => {
    const ids = await oneMore(at);
    let written = false;
    at.shop.intercept(({ method, url }) => {
      if (!url.includes(fragmentId)) return undefined;
      if (method === "PUT") written = true;
      else if (written) return { status: 500, body: { error: { code: "InternalServerError", message: "Later." } } };
      return undefined;
    });

    const first = await at.pass();
    expect(first.retryAfterMs).toBe(15_000);

    at.shop.intercept(undefined);
    await at.pass();
    expect(at.shop.takeCalls()).toEqual([`${put} 200`]);
    await expectBothVerified(at, ids);
  });

  it("reads that lag behind the write: waits for them, then it is verified", async () => {
    const ids = await oneMore(at);
    const before = at.shop.clock.now().getTime();
    let written = false;
    at.shop.intercept(({ method }) => {
      if (method === "PUT" && !written) {
        written = true;
        at.shop.azure.faults.add({ kind: "stale-read", operation: get, count: 3 });
      }
      return undefined;
    });

    const pass = await at.pass();

    expect(pass.writes).toBe(1);
    expect(pass.retryAfterMs).toBeUndefined();
    expect(at.shop.clock.now().getTime() - before).toBeLessThan(2_000);
    expect(at.shop.takeCalls("all").filter((call) => call.startsWith(get))).toHaveLength(4);
    await expectBothVerified(at, ids);
  });

  it("reads that lag for longer than a pass waits: accepted, then verified without a second write", async () => {
    const ids = await oneMore(at);
    at.shop.intercept(({ method }) => {
      if (method === "PUT") at.shop.azure.faults.add({ kind: "stale-read", operation: get });
      return undefined;
    });

    const first = await at.pass();
    expect(first.outcomes.get(ids.id)).toMatchObject({
      state: "accepted",
      reason: expect.stringContaining("does not show it yet"),
    });
    expect(first.retryAfterMs).toBe(15_000);

    at.shop.azure.faults.clear();
    await at.pass();
    expect(at.shop.takeCalls()).toEqual([`${put} 200`]);
    await expectBothVerified(at, ids);
  });

  it("an old read before the write: its ETag keeps it from going over what is newer", async () => {
    const ids = await oneMore(at);
    at.shop.azure.faults.add({ kind: "stale-read", operation: get, count: 1 });

    await at.pass({ fresh: true });

    await expectBothVerified(at, ids);
  });

  it("a write that takes effect within the pass is waited for", async () => {
    at.shop.azure.latency.fragmentWriteMs = 4_000;
    const id = await at.block("203.0.113.1");
    const before = at.shop.clock.now();

    const pass = await at.pass();

    const outcome = pass.outcomes.get(id);
    expect(outcome).toMatchObject({ state: "verified", acceptedAt: before.toISOString() });
    expect(Date.parse(outcome?.verifiedAt ?? "") - before.getTime()).toBeGreaterThanOrEqual(4_000);
  });

  it.each(["a first write", "a later write"])(
    "%s slower than a pass waits: accepted, then verified without a second",
    async (which) => {
      if (which === "a later write") await oneMore(at);
      at.shop.azure.latency.fragmentWriteMs = 25_000;
      const id = await at.block("203.0.113.9");
      const before = at.shop.clock.now().toISOString();

      const first = await at.pass();
      expect(first.outcomes.get(id)).toMatchObject({ state: "accepted", acceptedAt: before });
      expect(first.retryAfterMs).toBe(15_000);

      await at.shop.clock.sleep(first.retryAfterMs ?? 0);
      const second = await at.pass();

      expect(at.shop.takeCalls()).toHaveLength(1);
      expect(second.outcomes.get(id)).toMatchObject({ state: "verified", acceptedAt: before });
      expect(at.standing()).toContain("203.0.113.9");
    },
  );

  it("a pass that comes while the write is under way: writes nothing over it", async () => {
    const ids = await oneMore(at);
    at.shop.azure.latency.fragmentWriteMs = 60_000;
    await at.pass();
    const third = await at.block("203.0.113.3");
    at.shop.takeCalls();

    const during = await at.pass();
    expect(at.shop.takeCalls()).toEqual([]);
    expect(during.outcomes.get(third)?.state).toBe("requested");
    expect(during.outcomes.get(ids.id)?.state).toBe("accepted");

    at.shop.azure.latency.fragmentWriteMs = 0;
    await at.later(1);
    await at.pass();
    expect(at.standing()).toEqual(["203.0.113.1", "203.0.113.2", "203.0.113.3"]);
  });

  it("a write that is accepted and then fails: said so, and written again", async () => {
    const ids = await oneMore(at);
    at.shop.azure.faults.add({ kind: "operation-failed", operation: put, count: 1 });

    const first = await at.pass();
    expect(first.outcomes.get(ids.id)).toMatchObject({
      state: "accepted",
      reason: expect.stringContaining("in force"),
    });
    expect(first.retryAfterMs).toBe(15_000);
    expect(at.standing()).toEqual(["203.0.113.1"]);

    await at.pass();
    await expectBothVerified(at, ids);
  });

  it("keeps what is due until the fragment stands without it", async () => {
    const id = await at.block("203.0.113.1", { minutes: 10 });
    await at.pass();
    await at.later(11);
    at.shop.azure.faults.add({ kind: "status", operation: put, status: 500, count: 1 });

    expect((await at.pass()).released).toBe(0);
    expect(Object.keys(await at.states())).toEqual([id]);

    expect((await at.pass()).released).toBe(1);
    expect(await at.states()).toEqual({});
  });
});
