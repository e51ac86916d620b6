import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aFragmentPoint, type FragmentPoint, orders, point } from "../../support/a-fragment-point.ts";
import { expectBothVerified, oneMore } from "../../support/one-more.ts";

const put = "PolicyFragment_CreateOrUpdate";
const get = "PolicyFragment_Get";
let at: FragmentPoint;

beforeEach(async () => {
  at = await aFragmentPoint();
});
afterEach(() => at.shop.close());

describe("an entry that the service refuses", () => {
  it("keeps no block from being written, and no expired one from being taken out", async () => {
    const old = await at.block("203.0.113.1", { minutes: 10 });
    const standing = await at.block("203.0.113.2", { minutes: 60 });
    await at.pass();
    await at.later(11);
    // This tier has no rate-limit-by-key.
    at.shop.service.sku = "Consumption";
    const scope = orders;
    const limit = await at.want(
      "apim-limit-rate",
      { scope, address: "203.0.113.3" },
      { params: { calls: 10, periodSeconds: 60 } },
    );
    const block = await at.block("203.0.113.4");

    const { outcomes } = await at.pass();

    expect(at.standing()).toEqual(["203.0.113.2", "203.0.113.4"]);
    expect(outcomes.get(standing)?.state).toBe("verified");
    expect(outcomes.get(block)?.state).toBe("verified");
    expect(outcomes.get(limit)).toMatchObject({ state: "failed", reason: expect.stringContaining("Consumption") });
    expect((await at.containments.released(point.key)).map(({ id }) => id)).toEqual([old]);
  });
});

describe("a fault that stays is told and not repeated", () => {
  const forbidden = {
    error: {
      code: "AuthorizationFailed",
      message: "The client does not have authorization to perform action policyFragments/write.",
    },
  };

  it("403: failed with the service's reason, until somebody grants it", async () => {
    const ids = await oneMore(at);
    at.shop.intercept(({ method }) => (method === "PUT" ? { status: 403, body: forbidden } : undefined));

    const pass = await at.pass();

    expect(pass.retryAfterMs).toBeUndefined();
    expect(pass.outcomes.get(ids.id)).toMatchObject({
      state: "failed",
      reason: expect.stringMatching(/403 AuthorizationFailed.*policyFragments\/write/),
    });

    at.shop.intercept(undefined);
    await at.pass({ fresh: true });
    await expectBothVerified(at, ids);
  });

  it("404 to a write: a service that is gone has taken nothing", async () => {
    const { id } = await oneMore(at);
    const gone = { error: { code: "ResourceNotFound", message: "The service is gone." } };
    at.shop.intercept(({ method }) => (method === "PUT" ? { status: 404, body: gone } : undefined));

    const pass = await at.pass();

    expect(pass.outcomes.get(id)).toMatchObject({
      state: "failed",
      reason: expect.stringContaining("404 ResourceNotFound"),
    });
    expect(pass.outcomes.get(id)?.acceptedAt).toBeUndefined();
  });

  it("403 while reading: nothing is written", async () => {
    const { id } = await oneMore(at);
    at.shop.intercept(({ method }) => (method === "GET" ? { status: 403, body: forbidden } : undefined));

    const pass = await at.pass({ fresh: true });

    expect(at.shop.takeCalls()).toEqual([]);
    expect(pass.outcomes.get(id)?.state).toBe("failed");
  });

  it.each([
    ["no text", { properties: { value: "" } }],
    ["no properties", {}],
  ])("an answer with %s is never taken for an empty fragment", async (_, body) => {
    const { id } = await oneMore(at);
    at.shop.intercept(({ method, url }) =>
      method === "GET" && url.includes("policyFragments") ? { status: 200, body } : undefined,
    );

    const pass = await at.pass({ fresh: true });

    expect(at.shop.takeCalls()).toEqual([]);
    expect(pass.outcomes.get(id)).toMatchObject({ state: "failed", reason: expect.stringMatching(/policy/) });
  });
});

it("ends verified with nothing lost, whatever a bad hour brings", async () => {
  for (const operation of [put, get, "Policy_Get", "ApiPolicy_Get"]) {
    at.shop.azure.faults.add({ kind: "status", operation, status: 500, probability: 0.2 });
    at.shop.azure.faults.add({ kind: "drop", operation, moment: "before", probability: 0.1 });
    at.shop.azure.faults.add({ kind: "drop", operation, moment: "after", probability: 0.1 });
  }
  at.shop.azure.faults.add({ kind: "status", operation: put, status: 412, probability: 0.2 });
  at.shop.azure.faults.add({ kind: "operation-failed", operation: put, probability: 0.2 });
  at.shop.azure.faults.add({ kind: "stale-read", operation: get, probability: 0.2 });
  const addresses = Array.from({ length: 12 }, (_, index) => `203.0.113.${index + 1}`);

  for (const [index, address] of addresses.entries()) {
    await at.block(address, { minutes: index % 3 === 0 ? 1 : 600 });
    await at.pass({ fresh: index % 2 === 0 });
    await at.shop.clock.sleep(15_000);
  }
  at.shop.azure.faults.clear();
  await at.later(2);
  await at.pass({ fresh: true });

  const lasting = addresses.filter((_, index) => index % 3 !== 0);
  expect(at.standing()).toEqual(lasting);
  expect(Object.values(await at.states())).toEqual(lasting.map(() => "verified"));
});
