import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { callsBase } from "../../../shared/reconcile/include-fragment.ts";
import { aFragmentPoint, type FragmentPoint, orders } from "../../support/a-fragment-point.ts";
import { start } from "../../support/a-shop.ts";

const put = "PolicyFragment_CreateOrUpdate";
let at: FragmentPoint;

beforeEach(async () => {
  at = await aFragmentPoint();
});
afterEach(() => at.shop.close());

describe("what stands in the fragment is accepted and not verified", () => {
  it("while the global policy does not include it, and verified once it does", async () => {
    const { policies } = at.shop.service;
    const included = policies.get("") ?? { xml: "", etag: "" };
    policies.set("", { xml: included.xml.replace(/<include-fragment[^>]*>/, ""), etag: '"removed"' });
    const id = await at.block("203.0.113.7");

    expect((await at.pass()).outcomes.get(id)).toEqual({
      containment: id,
      state: "accepted",
      reason: expect.stringMatching(/does not include the fragment.*npm run bootstrap/),
      acceptedAt: start,
    });

    policies.set("", included);
    expect((await at.pass({ fresh: true })).outcomes.get(id)?.state).toBe("verified");
    expect(at.shop.takeCalls()).toEqual([`${put} 201`]);
  });

  it("again when somebody takes the include out, as the timer's next look finds", async () => {
    const id = await at.block("203.0.113.7");
    expect((await at.pass()).outcomes.get(id)?.state).toBe("verified");
    const { policies } = at.shop.service;
    const included = policies.get("") ?? { xml: "", etag: "" };
    policies.set("", { xml: included.xml.replace(/<include-fragment[^>]*>/, ""), etag: '"removed"' });

    const pass = await at.pass({ fresh: true });

    expect(pass.outcomes.get(id)).toMatchObject({
      state: "accepted",
      reason: expect.stringContaining("does not include the fragment"),
    });
    expect(await at.states()).toEqual({ [id]: expect.stringMatching(/^accepted: /) });
  });

  it("when the include is in a comment only", async () => {
    const global = at.shop.service.policies.get("")?.xml ?? "";
    at.shop.service.policies.set("", { xml: global.replace(/(<include-fragment[^>]*>)/, "<!-- $1 -->"), etag: '"c"' });
    const id = await at.block("203.0.113.7");

    expect((await at.pass()).outcomes.get(id)?.state).toBe("accepted");
  });

  it.each([
    ["an API", "apis/orders", orders],
    [
      "an operation",
      "apis/orders/operations/get-order",
      { kind: "operation", apiId: "orders", operationId: "get-order" },
    ],
    ["an operation, for a block on its API", "apis/orders/operations/get-order", orders],
    ["one API of all, for a block on the service", "apis/payments", { kind: "service" }],
  ] as const)("where the policy of %s has no <base />", async (_, scope, contained) => {
    const xml = '<policies>\r\n\t<inbound>\r\n\t\t<set-header name="A" />\r\n\t</inbound>\r\n</policies>';
    expect(callsBase(xml)).toBe(false);
    at.shop.service.policies.set(scope, { xml, etag: '"no-base"' });
    const id = await at.block("203.0.113.7", { scope: contained });
    const elsewhere = await at.block("203.0.113.7", { scope: { kind: "api", apiId: "catalog" } });

    const { outcomes } = await at.pass();

    expect(outcomes.get(id)).toMatchObject({
      state: "accepted",
      reason: expect.stringContaining(`${scope} has no <base />`),
    });
    expect(outcomes.get(elsewhere)?.state).toBe("verified");
  });

  it("where a policy cannot be made out, and nothing else waits for that", async () => {
    const odd = "<policies>\r\n\t<inbound>\r\n\t\t<base />\r\n\t</inbound>\r\n\t<inbound />\r\n</policies>";
    at.shop.service.policies.set("apis/orders", { xml: odd, etag: '"odd"' });
    const id = await at.block("203.0.113.7");
    const elsewhere = await at.block("203.0.113.7", { scope: { kind: "api", apiId: "catalog" } });
    const ending = await at.block("203.0.113.8", { minutes: 0 });

    const { outcomes, released } = await at.pass();

    expect(outcomes.get(id)).toMatchObject({ state: "accepted", reason: expect.stringContaining("cannot be read") });
    expect(outcomes.get(elsewhere)?.state).toBe("verified");
    expect([outcomes.has(ending), released]).toEqual([false, 1]);
  });

  it("where the policies cannot be read just now, and then it is worth another look", async () => {
    at.shop.azure.faults.add({ kind: "status", operation: "ApiPolicy_Get", status: 500, count: 1 });
    const id = await at.block("203.0.113.7");

    const first = await at.pass();

    expect(first.outcomes.get(id)).toMatchObject({ state: "accepted", reason: expect.stringContaining("not known") });
    expect(first.retryAfterMs).toBe(15_000);
    expect((await at.pass()).outcomes.get(id)?.state).toBe("verified");
  });
});
