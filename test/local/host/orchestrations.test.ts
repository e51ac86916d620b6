import { beforeEach, describe, expect, test } from "vitest";
import { createManualClock } from "../../support/manual-clock.ts";
import { calls, closeGate, gate } from "./apps/record.ts";
import { startTestHost } from "./support.ts";

const loadApp = () => import("./apps/durable.ts");

beforeEach(() => {
  calls.length = 0;
  gate.wait = Promise.resolve();
});

describe("activities", () => {
  test("get their input and give their result whatever its JSON type is", async () => {
    const host = await startTestHost(loadApp, { replayCheck: true });

    const { runtimeStatus, output } = await host.run("inputs", "i1");

    expect([runtimeStatus, output]).toEqual(["Completed", ["text", "123", 7, { a: [null] }, null]]);
  });

  test("are tried again after a growing wait, as their retry policy says", async () => {
    const clock = createManualClock();
    const host = await startTestHost(loadApp, { clock, replayCheck: true });

    await host.run("retried", "r1", { key: "r1", times: 2 });
    expect(calls).toEqual(["r1 1"]);
    await clock.advance(1_000);
    await host.idle();
    expect(calls).toEqual(["r1 1", "r1 2"]);
    await clock.advance(1_999);
    await host.idle();
    expect(calls).toHaveLength(2);
    await clock.advance(1);
    await host.idle();

    expect(await host.status("r1")).toMatchObject({ runtimeStatus: "Completed", output: ["r1 done", "after"] });
  });

  test("fail for good when the attempts are used up", async () => {
    const clock = createManualClock();
    const host = await startTestHost(loadApp, { clock, replayCheck: true });

    await host.run("retried", "r2", { key: "r2", times: 9 });
    for (let wait = 0; wait < 4; wait++) {
      await clock.advance(4_000);
      await host.idle();
    }

    const { runtimeStatus, output } = await host.status("r2");
    expect(runtimeStatus).toBe("Failed");
    expect(output).toContain(
      "Orchestrator function 'retried' failed: Activity function 'failTimes' failed: r2 failure 3",
    );
    expect(calls).toEqual(["r2 1", "r2 2", "r2 3"]);
  });

  test("retried side by side keep their numbers apart", async () => {
    const clock = createManualClock();
    const host = await startTestHost(loadApp, { clock, replayCheck: true });

    await host.run("parallelRetries", "p1", { key: "p" });
    for (let wait = 0; wait < 3; wait++) {
      await clock.advance(2_000);
      await host.idle();
    }

    expect(await host.status("p1")).toMatchObject({
      runtimeStatus: "Completed",
      output: [["p2 done", "p0 done", "p1 done"], "after"],
    });
  });

  test("throw into the orchestrator, which may catch it or fail with it", async () => {
    const host = await startTestHost(loadApp, { replayCheck: true });

    expect((await host.run("caught", "c1")).output).toBe("caught: Activity function 'failTimes' failed: c1 failure 1 ");
    const uncaught = await host.run("uncaught", "u1");
    expect(uncaught.runtimeStatus).toBe("Failed");
    expect(uncaught.output).toContain("Activity function 'failTimes' failed: u1 failure 1");
  });
});

describe("tasks side by side", () => {
  test("Task.any goes on with the first, Task.all with all of them, nested as they come", async () => {
    const host = await startTestHost(loadApp, { replayCheck: true });

    expect((await host.run("firstOfThree", "a1")).output).toEqual([0, "after"]);
    expect((await host.run("nested", "n1")).output).toEqual([true, [1, 2], 3]);
  });

  test("an instance that fails beside a task under way ends when that task has ended, as in Azure", async () => {
    const host = await startTestHost(loadApp, { replayCheck: true });
    closeGate();

    await host.start("failsBesideGated", "b1");
    await expect.poll(() => host.log.some(({ message }) => message.includes("b1 failure 1"))).toBe(true);
    expect((await host.status("b1")).runtimeStatus).toBe("Running");
    gate.open();
    await host.idle();

    expect((await host.status("b1")).runtimeStatus).toBe("Failed");
  });

  test("newGuid gives the same id on every replay", async () => {
    const host = await startTestHost(loadApp, { replayCheck: true });

    const { output } = await host.run("guids", "g1");

    expect(output).toMatch(/^[0-9a-f-]{36}$/);
    expect(calls).toEqual([output]);
  });
});

describe("sub-orchestrations", () => {
  test("run as instances of their own and answer their parent", async () => {
    const host = await startTestHost(loadApp, { replayCheck: true });

    const { output } = await host.run("parent", "p1");

    expect(output).toEqual([
      { input: "x", hasParent: true },
      { input: "y", hasParent: true },
    ]);
    expect(await host.status("p1-child")).toMatchObject({ name: "child", runtimeStatus: "Completed" });
  });

  test("go on when their parent is terminated, as in Azure", async () => {
    const host = await startTestHost(loadApp);
    closeGate();
    await host.start("parentOfGated", "t1");
    await expect.poll(() => calls.length).toBe(3);
    await host.post("/durabletask/instances/t1/terminate?reason=enough");
    await expect.poll(async () => (await host.status("t1")).runtimeStatus).toBe("Terminated");
    gate.open();
    await host.idle();

    expect(await host.status("t1-child")).toMatchObject({ runtimeStatus: "Completed", output: ["a", "b", "c"] });
    expect((await host.status("t1")).runtimeStatus).toBe("Terminated");
  });

  test("with the id of an instance that runs fail in their parent", async () => {
    const host = await startTestHost(loadApp);
    await host.run("waitsForever", "t2-child");

    expect(await host.run("parentOfGated", "t2")).toMatchObject({
      runtimeStatus: "Failed",
      output: expect.stringContaining("t2-child is already running"),
    });
  });

  test("that fail are retried and then throw into their parent", async () => {
    const clock = createManualClock();
    const host = await startTestHost(loadApp, { clock, replayCheck: true });

    await host.run("parentOfFailing", "f1");
    for (let wait = 0; wait < 4; wait++) {
      await clock.advance(4_000);
      await host.idle();
    }

    const { output } = await host.status("f1");
    expect(output).toContain("caught: Orchestrator function 'child' failed: the child failed");
    const { historyEvents } = await host.status("f1", "showHistory=true");
    expect(historyEvents?.filter((event) => event.EventType === "SubOrchestrationInstanceCreated")).toHaveLength(3);
  });
});

describe("what is not supported", () => {
  test.each([
    ["callsHttp", "callHttp"],
    ["locks", "entity locks, context.df.lock"],
    ["unknownActivity", "The function 'absent' doesn't exist"],
  ])("%s fails its instance with a message that names it", async (name, message) => {
    const host = await startTestHost(loadApp);

    const { runtimeStatus, output } = await host.run(name, "x1");

    expect(runtimeStatus).toBe("Failed");
    expect(output).toContain(message);
  });

  test("a task listed in two Task.any, which Azure would schedule twice, fails the instance", async () => {
    const clock = createManualClock();
    const host = await startTestHost(loadApp, { clock });

    await host.run("listsTimerTwice", "l1");
    await host.raise("l1", "one");
    await host.idle();

    expect(await host.status("l1")).toMatchObject({
      runtimeStatus: "Failed",
      output: expect.stringContaining("durable-js#574"),
    });
  });
});

test("500 orchestrations at once all finish, and the host still answers meanwhile", async () => {
  const host = await startTestHost(loadApp);
  const ids = Array.from({ length: 500 }, (_, index) => `many-${index}`);

  await Promise.all(ids.map((id) => host.start("chain", id)));
  const started = performance.now();
  await host.status("many-0");
  const answered = performance.now() - started;
  await host.idle();

  const documents = await Promise.all(ids.map((id) => host.status(id)));
  expect(documents.every(({ runtimeStatus }) => runtimeStatus === "Completed")).toBe(true);
  expect(new Set(documents.map(({ output }) => output)).size).toBe(500);
  expect(answered).toBeLessThan(2_000);
});
