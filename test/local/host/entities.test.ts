import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { calls, closeGate, gate } from "./apps/record.ts";
import { startTestHost, temporaryFolder } from "./support.ts";

const loadApp = () => import("./apps/durable.ts");

beforeEach(() => {
  calls.length = 0;
  gate.wait = Promise.resolve();
});

describe("entities", () => {
  test("answer calls, take signals in order, and throw their failures into the caller", async () => {
    const host = await startTestHost(loadApp, { replayCheck: true });

    const { runtimeStatus, output } = await host.run("entityUser", "u1");

    expect(runtimeStatus).toBe("Completed");
    expect(output).toEqual({
      added: 5,
      read: 15,
      failure: `Operation 'fail' of entity @counter@u1 failed: {"code":"told-to-fail"}`,
      after: "after",
    });
  });

  test("are signalled, read, listed and deleted over HTTP; names in any letter case, keys exact", async () => {
    const host = await startTestHost(loadApp);
    const read = async (key: string) => {
      const response = await fetch(`${host.url}/durabletask/entities/counter/${key}`);
      return response.status === 200 ? response.json() : response.status;
    };

    expect((await host.post("/durabletask/entities/COUNTER/Key?op=add", 4)).status).toBe(202);
    await host.post("/runtime/webhooks/durabletask/entities/counter/$?op=add", 1);
    await host.idle();

    expect(await read("Key")).toBe(4);
    expect(await read("key")).toBe(404);
    expect(await read("$")).toBe(1);
    const listed = await fetch(`${host.url}/durabletask/entities/Counter?fetchState=true`);
    expect(await listed.json()).toMatchObject([
      { entityId: { name: "counter", key: "" }, state: 1 },
      { entityId: { name: "counter", key: "Key" }, state: 4 },
    ]);
    expect((await fetch(`${host.url}/durabletask/entities/Counter/Key`, { method: "DELETE" })).status).toBe(202);
    await host.idle();
    expect(await read("Key")).toBe(404);
    expect((await host.post("/durabletask/entities/absent/x?op=add")).status).toBe(400);
  });

  test("get everything that waits in one invocation, one invocation at a time", async () => {
    const host = await startTestHost(loadApp);
    closeGate();
    await host.post("/durabletask/entities/counter/b?op=slow");
    await expect.poll(() => calls.length).toBe(1);

    await Promise.all(Array.from({ length: 20 }, () => host.post("/durabletask/entities/counter/b?op=add", 1)));
    expect(calls).toHaveLength(1);
    gate.open();
    await host.idle();

    expect(calls).toHaveLength(21);
    expect(await (await fetch(`${host.url}/durabletask/entities/counter/b`)).json()).toBe(20);
  });

  test("get no more in one invocation than host.json allows; the rest follows in order", async () => {
    const hostJson = join(temporaryFolder(), "host.json");
    writeFileSync(hostJson, '{"extensions":{"durableTask":{"maxEntityOperationBatchSize":2}}}');
    const host = await startTestHost(() => import("./apps/batches.ts"), { hostJson });
    closeGate();
    await host.post("/durabletask/entities/batched/b?op=slow", 0);
    await expect.poll(() => calls.length).toBe(1);
    for (const input of [1, 2, 3, 4, 5]) await host.post("/durabletask/entities/batched/b?op=add", input);
    gate.open();
    await host.idle();

    const batches = Map.groupBy(z.array(z.tuple([z.string(), z.number()])).parse(calls), ([invocation]) => invocation);
    expect([...batches.values()].map((batch) => batch.map(([, input]) => input))).toEqual([[0], [1, 2], [3, 4], [5]]);
  });

  test("signal other entities", async () => {
    const host = await startTestHost(loadApp);

    await host.post("/durabletask/entities/counter/from?op=forward", 3);
    await host.idle();

    expect(calls).toEqual(["from forward 3", "Forwarded add 3"]);
  });

  test("keep their other operations when one of a batch fails", async () => {
    const host = await startTestHost(loadApp);
    closeGate();
    await host.post("/durabletask/entities/counter/c?op=slow");
    await expect.poll(() => calls.length).toBe(1);
    for (const op of ["add", "fail", "add"]) await host.post(`/durabletask/entities/counter/c?op=${op}`, 2);
    gate.open();
    await host.idle();

    expect(await (await fetch(`${host.url}/durabletask/entities/counter/c`)).json()).toBe(4);
    expect(host.log.some(({ level, message }) => level === "error" && message.includes("Operation 'fail'"))).toBe(true);
  });
});
