import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFaultSwitchboard, Fault } from "../../../local/azure/faults.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";
import { ask, type Contoso, globalPolicy, group, name, serviceId, startContoso } from "./api-management/contoso.ts";

const policy = `${serviceId}/policies/policy`;
const fragment = `${serviceId}/policyFragments/mine`;
const forbid = (address: string) => ({
  properties: { value: `<fragment><ip-filter action="forbid"><address>${address}</address></ip-filter></fragment>` },
});

describe("a fault in the simulated Azure", () => {
  let world: Contoso;
  beforeEach(async () => {
    world = await startContoso();
  });
  afterEach(() => world.azure.close());

  it.each([
    [409, "PessimisticConcurrencyConflict"],
    [412, "PreconditionFailed"],
    [429, "TooManyRequests"],
    [500, "InternalServerError"],
    [503, "ServerTimeout"],
  ] as const)("answers %d and writes nothing", async (status, code) => {
    world.azure.faults.add({ kind: "status", operation: "PolicyFragment_CreateOrUpdate", status, count: 1 });

    const refused = await ask(world.azure, "PUT", fragment, { body: forbid("192.0.2.1") });

    expect(refused).toMatchObject({ status, body: { error: { code } } });
    expect(refused.headers.get("retry-after")).toBeNull();
    expect((await ask(world.azure, "GET", fragment)).status).toBe(404);
  });

  it("says when to come back, if told to", async () => {
    world.azure.faults.add({ kind: "status", operation: "*", status: 503, retryAfterSeconds: 5 });

    const refused = await fetch(world.azure.identity.IDENTITY_ENDPOINT);

    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
  });

  it("strikes as often as it was told, and its own operation only", async () => {
    world.azure.faults.add({ kind: "status", operation: "Policy_Get", status: 500, count: 2 });

    const statuses = [];
    for (const path of [fragment, policy, policy, policy]) statuses.push((await ask(world.azure, "GET", path)).status);

    expect(statuses).toEqual([404, 500, 500, 200]);
    expect(world.azure.faults.list()).toMatchObject([{ struck: 2 }]);
  });

  it("cuts the connection before anything is written", async () => {
    world.azure.faults.add({ kind: "drop", operation: "PolicyFragment_CreateOrUpdate", moment: "before", count: 1 });

    await expect(ask(world.azure, "PUT", fragment, { body: forbid("192.0.2.1") })).rejects.toThrow("fetch failed");

    expect(world.service.fragments.size).toBe(0);
    expect(world.azure.calls.at(-1)).toMatchObject({ operationId: "PolicyFragment_CreateOrUpdate", status: "dropped" });
  });

  it("cuts the connection after the write took effect", async () => {
    world.azure.faults.add({ kind: "drop", operation: "PolicyFragment_CreateOrUpdate", moment: "after", count: 1 });

    await expect(ask(world.azure, "PUT", fragment, { body: forbid("192.0.2.1") })).rejects.toThrow("fetch failed");

    expect(world.service.fragments.get("mine")?.xml).toContain("192.0.2.1");
  });

  it("reaches the real client as a lost connection", async () => {
    world.azure.faults.add({ kind: "drop", operation: "Policy_Get", moment: "before" });

    await expect(world.client.policy.get(group, name, "policy")).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  it("answers reads from before the latest write, while the gateway goes by it", async () => {
    await ask(world.azure, "PUT", fragment, { body: forbid("192.0.2.1") });
    const before = await ask(world.azure, "GET", fragment);
    await ask(world.azure, "PUT", fragment, { body: forbid("192.0.2.2") });
    world.azure.faults.add({ kind: "stale-read", operation: "PolicyFragment_Get", count: 2 });

    const reads = [];
    for (let read = 0; read < 3; read += 1) reads.push(await ask(world.azure, "GET", fragment));

    expect(reads.map(({ body }) => JSON.stringify(body).match(/192\.0\.2\.\d/)?.[0])).toEqual([
      "192.0.2.1",
      "192.0.2.1",
      "192.0.2.2",
    ]);
    expect(reads[0]?.headers.get("etag")).toBe(before.headers.get("etag"));
    expect(reads[0]?.body).toEqual(before.body);
    expect(world.service.fragments.get("mine")?.xml).toContain("192.0.2.2");
  });

  it("hides what was just created, and shows what was just deleted", async () => {
    const api = `${serviceId}/apis/orders/policies/policy`;
    world.azure.faults.add({ kind: "stale-read", operation: "ApiPolicy_Get" });

    await ask(world.azure, "PUT", api, { body: { properties: { value: globalPolicy } } });
    const created = await ask(world.azure, "GET", api);
    await ask(world.azure, "DELETE", api, { headers: { "if-match": "*" } });
    const deleted = await ask(world.azure, "GET", api);

    expect([created.status, deleted.status]).toEqual([404, 200]);
  });

  it("is set, listed and cleared over HTTP without a token", async () => {
    const at = `${world.azure.url}/_simulator/faults`;
    const put = await fetch(at, {
      method: "PUT",
      body: JSON.stringify([{ kind: "slow", operation: "Policy_Get", ms: 1 }]),
    });
    const post = await fetch(at, {
      method: "POST",
      body: JSON.stringify({ kind: "status", operation: "*", status: 500 }),
    });
    const listed = await (await fetch(at)).json();
    const cleared = await fetch(at, { method: "DELETE" });

    expect([put.status, post.status, cleared.status]).toEqual([200, 201, 204]);
    expect(listed).toMatchObject([{ fault: { kind: "slow" } }, { fault: { kind: "status" } }]);
    expect(world.azure.faults.list()).toEqual([]);
  });

  it.each([
    [
      "an operation that does not exist",
      [{ kind: "slow", operation: "PolicyFragment_Put", ms: 1 }],
      "PolicyFragment_CreateOrUpdate",
    ],
    ["a stale read of what is never written", [{ kind: "stale-read", operation: "Api_Get" }], "ApiPolicy_Get"],
    ["an unknown kind", [{ kind: "explode", operation: "*" }], "kind"],
    ["a status that is not simulated", [{ kind: "status", operation: "*", status: 418 }], "status"],
    ["a misspelt property", [{ kind: "slow", operation: "*", ms: 1, times: 2 }], "times"],
    ["one fault where a list is wanted", { kind: "slow", operation: "*", ms: 1 }, "array"],
  ])("is refused over HTTP, leaving the others, for %s", async (_, wanted, hint) => {
    world.azure.faults.add({ kind: "slow", operation: "Policy_Get", ms: 1 });

    const refused = await fetch(`${world.azure.url}/_simulator/faults`, {
      method: "PUT",
      body: JSON.stringify(wanted),
    });

    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain(hint);
    expect(world.azure.faults.list()).toHaveLength(1);
  });

  it("is not the only thing that can be changed: latency and the record of calls can too", async () => {
    const base = `${world.azure.url}/_simulator`;
    await ask(world.azure, "GET", policy);

    const calls = await (await fetch(`${base}/calls`)).json();
    await fetch(`${base}/calls`, { method: "DELETE" });
    await fetch(`${base}/latency`, { method: "PUT", body: JSON.stringify({ fragmentWriteMs: 2000 }) });
    const refused = await fetch(`${base}/latency`, { method: "PUT", body: "{}" });
    const unknown = await fetch(`${base}/weather`);

    expect(calls).toMatchObject([
      { operationId: "ManagedIdentity_GetToken" },
      { operationId: "Policy_Get", status: 200, host: "management.azure.com" },
    ]);
    expect(world.azure.calls).toEqual([]);
    expect(world.azure.latency).toEqual({ fragmentWriteMs: 2000 });
    expect([refused.status, unknown.status]).toEqual([400, 404]);
  });
});

describe("the record of calls", () => {
  it("keeps the latest fifty thousand", async () => {
    const world = await startContoso();
    const old = {
      at: new Date(0),
      method: "GET",
      host: "h",
      path: "/",
      operationId: "Old_Get",
      permissions: [],
      status: 200,
    };
    world.azure.calls.push(...Array.from({ length: 50_000 }, () => old));

    await ask(world.azure, "GET", policy);
    await world.azure.close();

    expect(world.azure.calls).toHaveLength(50_000);
    expect(world.azure.calls.slice(-3).map(({ operationId }) => operationId)).toEqual([
      "Old_Get",
      "ManagedIdentity_GetToken",
      "Policy_Get",
    ]);
  });
});

describe("a slow call", () => {
  let clock: ManualClock;
  let world: Contoso;
  beforeEach(async () => {
    clock = createManualClock();
    world = await startContoso({ clock });
  });
  afterEach(() => world.azure.close());

  it("waits by the clock before anything happens", async () => {
    world.azure.faults.add({ kind: "slow", operation: "PolicyFragment_CreateOrUpdate", ms: 90_000 });

    const call = ask(world.azure, "PUT", fragment, { body: forbid("192.0.2.1") });
    await expect.poll(() => clock.waits()).toEqual([90_000]);
    const before = world.service.fragments.size;
    await clock.advance(90_000);

    expect([before, (await call).status]).toEqual([0, 201]);
  });
});

describe("the switchboard", () => {
  const targets = { operations: ["A_Get", "B_Put"], staleReads: ["A_Get"], longRunning: ["B_Put"] };
  const outcomes = (seed: number) => {
    const board = createFaultSwitchboard(targets, seed);
    board.add({ kind: "status", operation: "A_Get", status: 500, probability: 0.3 });
    return Array.from({ length: 1000 }, () => board.strike("A_Get").refuse !== undefined);
  };

  it("strikes about as often as the probability says, the same way for the same seed", () => {
    const struck = outcomes(7).filter(Boolean).length;

    expect(struck).toBeGreaterThan(250);
    expect(struck).toBeLessThan(350);
    expect(outcomes(7)).toEqual(outcomes(7));
    expect(outcomes(8)).not.toEqual(outcomes(7));
  });

  it("lets a slow call fail too, and lets one failure at a time end a call", () => {
    const board = createFaultSwitchboard(targets);
    board.add({ kind: "slow", operation: "*", ms: 10 });
    board.add({ kind: "slow", operation: "B_Put", ms: 5 });
    board.add({ kind: "status", operation: "B_Put", status: 409, count: 1 });
    board.add({ kind: "drop", operation: "B_Put", moment: "before", count: 1 });

    const [first, second, third] = [board.strike("B_Put"), board.strike("B_Put"), board.strike("B_Put")];

    expect(first).toMatchObject({ delayMs: 15, refuse: { status: 409 }, drop: undefined });
    expect(second).toMatchObject({ delayMs: 15, refuse: undefined, drop: "before" });
    expect(third).toMatchObject({ delayMs: 15, refuse: undefined, drop: undefined });
  });

  it("clears one fault and keeps the others", () => {
    const board = createFaultSwitchboard(targets);
    const first = board.add({ kind: "stale-read", operation: "A_Get" });
    board.add({ kind: "operation-failed", operation: "B_Put" });

    board.clear(first);

    expect(board.strike("A_Get").staleRead).toBe(false);
    expect(board.strike("B_Put").failOperation).toBe(true);
  });

  it("describes its faults by a schema", () => {
    expect(Fault.safeParse({ kind: "drop", operation: "A_Get", moment: "during" }).success).toBe(false);
    expect(Fault.parse({ kind: "drop", operation: "A_Get", moment: "after" })).toEqual({
      kind: "drop",
      operation: "A_Get",
      moment: "after",
    });
  });
});
