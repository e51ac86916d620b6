import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fragmentId, renderFragment } from "../../../shared/reconcile/fragment-document.ts";
import { aFragmentPoint, type FragmentPoint, orders, point } from "../../support/a-fragment-point.ts";
import { start } from "../../support/a-shop.ts";

const put = "PolicyFragment_CreateOrUpdate";
let at: FragmentPoint;

beforeEach(async () => {
  at = await aFragmentPoint();
});
afterEach(() => at.shop.close());

const writtenByHand = (xml: string) =>
  at.shop.service.fragments.set(fragmentId, { xml, etag: '"by-hand"', provisioningState: "Succeeded" });

describe("what the ledger wants", () => {
  it("is written once, read back and verified", async () => {
    const id = await at.block("203.0.113.7");

    const pass = await at.pass();

    expect(at.standing()).toEqual(["203.0.113.7"]);
    expect(at.shop.takeCalls()).toEqual([`${put} 201`]);
    expect(pass).toMatchObject({ writes: 1, released: 0, etag: at.shop.service.fragments.get(fragmentId)?.etag });
    expect(pass.outcomes.get(id)).toEqual({ containment: id, state: "verified", acceptedAt: start, verifiedAt: start });
    expect(await at.states()).toEqual({ [id]: "verified" });
  });

  it("is not written again, neither at once nor by the timer", async () => {
    const id = await at.block("203.0.113.7");
    await at.pass();
    at.shop.takeCalls();

    const passes = [await at.pass(), await at.pass({ fresh: true })];

    expect(at.shop.takeCalls()).toEqual([]);
    expect(passes.map(({ writes }) => writes)).toEqual([0, 0]);
    expect(passes.map(({ outcomes }) => outcomes.get(id)?.state)).toEqual(["verified", "verified"]);
  });

  it("of five hundred alerts is one write", async () => {
    const addresses = Array.from({ length: 500 }, (_, index) => `198.51.${100 + (index >> 8)}.${index & 255}`);
    for (let from = 0; from < addresses.length; from += 50)
      await Promise.all(addresses.slice(from, from + 50).map((address) => at.block(address)));

    const { outcomes } = await at.pass();

    expect(at.shop.takeCalls()).toEqual([`${put} 201`]);
    expect(at.standing()).toHaveLength(500);
    expect(new Set([...outcomes.values()].map(({ state }) => state))).toEqual(new Set(["verified"]));
  });

  it("is written at once for the first of a flood, and for the rest when the flood behind that write has come in", async () => {
    const addresses = Array.from({ length: 60 }, (_, index) => `203.0.113.${index}`);
    for (const address of addresses.slice(0, 30)) await at.block(address);
    const begun = at.shop.clock.now();

    await at.pass();
    expect(at.standing()).toHaveLength(30);
    expect(at.shop.clock.now()).toEqual(begun);

    for (const address of addresses.slice(30)) await at.block(address);
    await at.pass();
    expect(at.standing()).toHaveLength(60);
    expect(at.shop.clock.now().getTime()).toBeGreaterThan(begun.getTime());
    expect(at.shop.takeCalls()).toEqual([`${put} 201`, `${put} 200`]);
  });

  it("is added and taken away in one write", async () => {
    const first = await at.block("203.0.113.1", { minutes: 10 });
    await at.block("203.0.113.2", { minutes: 60 });
    await at.pass();
    at.shop.takeCalls();
    await at.later(11);
    await at.block("203.0.113.3");

    const pass = await at.pass();

    expect(at.shop.takeCalls()).toEqual([`${put} 200`]);
    expect(at.standing()).toEqual(["203.0.113.2", "203.0.113.3"]);
    expect(pass).toMatchObject({ writes: 1, released: 1 });
    expect(await at.containments.released(point.key)).toEqual([
      expect.objectContaining({ id: first, state: "released", releasedAt: at.shop.clock.now().toISOString() }),
    ]);
  });

  it("stands as long as the last of its owners asks for it", async () => {
    await at.block("203.0.113.1", { owner: "alert-1", minutes: 10 });
    await at.block("203.0.113.1", { owner: "alert-2", minutes: 30 });
    await at.pass();

    await at.later(11);
    expect((await at.pass()).released).toBe(0);
    expect(at.standing()).toEqual(["203.0.113.1"]);

    await at.later(20);
    expect((await at.pass()).released).toBe(1);
    expect(at.standing()).toEqual([]);
  });

  it("limits a caller as strictly as the strictest of those who still ask", async () => {
    const target = { scope: orders, address: "203.0.113.1" };
    await at.want("apim-limit-rate", target, { owner: "a", minutes: 10, params: { calls: 10, periodSeconds: 60 } });
    await at.want("apim-limit-rate", target, { owner: "b", minutes: 60, params: { calls: 30, periodSeconds: 60 } });
    const calls = () => /calls="(\d+)"/.exec(at.shop.service.fragments.get(fragmentId)?.xml ?? "")?.[1];

    await at.pass();
    expect(calls()).toBe("10");

    await at.later(11);
    await at.pass();
    expect(calls()).toBe("30");
  });

  it("is nothing at first, and then nothing is written", async () => {
    const pass = await at.pass({ fresh: true });

    expect(at.shop.takeCalls()).toEqual([]);
    expect(pass).toEqual({ outcomes: new Map(), released: 0, writes: 0 });
    expect(at.shop.service.fragments.size).toBe(0);
  });

  it("that ends early is released by the next pass", async () => {
    const id = await at.block("203.0.113.1");
    await at.pass();

    await at.containments.end(point.key, id, "released early by a person", at.shop.clock.now());
    await at.pass();

    expect(at.standing()).toEqual([]);
    expect(await at.states()).toEqual({});
  });

  it("takes none of the others with it when it cannot be written", async () => {
    const good = await at.block("203.0.113.1");
    const ipv6 = await at.block("2001:db8::1");
    const gone = await at.want("apim-gone", { scope: orders, address: "203.0.113.2" });
    const wrong = await at.want(
      "apim-limit-rate",
      { scope: orders, address: "203.0.113.3" },
      { params: { calls: -1 } },
    );

    await at.pass();

    expect(at.standing()).toEqual(["203.0.113.1"]);
    expect(await at.states()).toEqual({
      [good]: "verified",
      [ipv6]: expect.stringMatching(/^failed: .*IPv4/),
      [gone]: "failed: there is no responder apim-gone any more",
      [wrong]: expect.stringMatching(/^failed: /),
    });
  });

  it("is written as far as API Management takes it, oldest first, and the rest is refused with the reason", async () => {
    // Quotes take the most room: each is escaped for C#, then for XML.
    const scopes = Array.from({ length: 300 }, (_, index) => {
      return { kind: "operation" as const, apiId: '"'.repeat(256), operationId: `${'"'.repeat(76)}${index}` };
    });
    const oldest = await at.block("203.0.113.1");
    await at.later(1);
    await Promise.all(scopes.map((scope) => at.block("203.0.113.2", { scope })));

    const { outcomes, retryAfterMs } = await at.pass();

    expect(at.shop.takeCalls()).toEqual([`${put} 201`]);
    expect(at.standing()).toContain("203.0.113.1");
    expect(outcomes.get(oldest)?.state).toBe("verified");
    const refused = [...outcomes.values()].filter(({ state }) => state === "failed");
    expect(refused.length).toBe(outcomes.size - at.standing().length);
    expect(new Set(refused.map(({ reason }) => reason))).toEqual(
      new Set([expect.stringMatching(/release some of them/)]),
    );
    expect(retryAfterMs).toBeUndefined();
  });
});

describe("somebody else's hand in the fragment", () => {
  it("is put right by the next look of the timer", async () => {
    const id = await at.block("203.0.113.7");
    await at.pass();
    writtenByHand(renderFragment([]));
    at.shop.takeCalls();

    const pass = await at.pass({ fresh: true });

    expect(at.shop.takeCalls()).toEqual([`${put} 200`]);
    expect(at.standing()).toEqual(["203.0.113.7"]);
    expect(pass.outcomes.get(id)?.state).toBe("verified");
  });

  it("is put right when they added something of their own to what is ours", async () => {
    await at.block("203.0.113.7");
    await at.pass();
    const ours = at.shop.service.fragments.get(fragmentId)?.xml ?? "";
    writtenByHand(ours.replace("</fragment>", '<set-header name="X-Mine"><value>1</value></set-header></fragment>'));

    await at.pass({ fresh: true });

    expect(at.shop.service.fragments.get(fragmentId)?.xml).toBe(ours);
  });

  it("is put right when they took the fragment away", async () => {
    await at.block("203.0.113.7");
    await at.pass();
    at.shop.service.fragments.clear();

    await at.pass({ fresh: true });

    expect(at.standing()).toEqual(["203.0.113.7"]);
  });

  it("is let be when only the white space differs", async () => {
    await at.block("203.0.113.7");
    await at.pass();
    writtenByHand((at.shop.service.fragments.get(fragmentId)?.xml ?? "").replaceAll(/>\s+</g, ">\n\n<"));
    at.shop.takeCalls();

    await at.pass({ fresh: true });

    expect(at.shop.takeCalls()).toEqual([]);
  });

  it("is never touched in a fragment of our name that is not ours", async () => {
    const theirs =
      '<fragment>\r\n\t<set-header name="X-Mine">\r\n\t\t<value>1</value>\r\n\t</set-header>\r\n</fragment>';
    writtenByHand(theirs);
    const id = await at.block("203.0.113.7");

    const pass = await at.pass();

    expect(at.shop.takeCalls()).toEqual([]);
    expect(at.shop.service.fragments.get(fragmentId)?.xml).toBe(theirs);
    expect(pass.retryAfterMs).toBeUndefined();
    expect(await at.states()).toEqual({ [id]: expect.stringMatching(/^failed: .*did not write: rename or remove it/) });
  });
});
