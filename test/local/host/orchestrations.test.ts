import { beforeEach, describe, expect, test } from "vitest";
import { createManualClock } from "../../support/manual-clock.ts";
import { calls, closeGate, gate } from "./apps/record.ts";
import { startTestHost } from "./support.ts";

const loadApp = () => import("./apps/durable.ts");
const day = 86_400_000;

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

describe("timers", () => {
  test("wait as long as they are told to", async () => {
    const clock = createManualClock();
    const host = await startTestHost(loadApp, { clock, replayCheck: true });

    await host.run("sleeps", "s1", 60_000);
    await clock.advance(59_999);
    await host.idle();
    expect((await host.status("s1")).runtimeStatus).toBe("Running");
    await clock.advance(1);
    await host.idle();

    expect((await host.status("s1")).output).toEqual([60_000, "after"]);
  });

  test.each([7, 10, 20])("of %i days are split, and what follows still gets its answer", async (days) => {
    const clock = createManualClock();
    const host = await startTestHost(loadApp, { clock, replayCheck: true });

    await host.run("sleeps", "long", days * day);
    for (let passed = 0; passed < days; passed++) {
      expect((await host.status("long")).runtimeStatus).toBe("Running");
      await clock.advance(day);
      await host.idle();
    }

    expect((await host.status("long")).output).toEqual([days * day, "after"]);
  });

  test("that are cancelled do not keep the instance, nor wake it again", async () => {
    const clock = createManualClock();
    const host = await startTestHost(loadApp, { clock, replayCheck: true });

    await host.run("approval", "a1");
    await host.raise("a1", "approve", { by: "someone" });
    await host.idle();

    expect((await host.status("a1")).output).toEqual([{ by: "someone" }, "after"]);
    expect(clock.waits()).toEqual([]);
  });

  test("win the race when no event comes", async () => {
    const clock = createManualClock();
    const host = await startTestHost(loadApp, { clock, replayCheck: true });

    await host.run("approval", "a2");
    await clock.advance(60_000);
    await host.idle();

    expect((await host.status("a2")).output).toBe("timed out");
  });
});

describe("external events", () => {
  test("that come before anybody waits are kept, in their order", async () => {
    const clock = createManualClock();
    const host = await startTestHost(loadApp, { clock, replayCheck: true });

    await host.start("lateListener", "e1");
    await host.raise("e1", "early", 1);
    await host.raise("e1", "early", 2);
    await host.idle();
    await clock.advance(60_000);
    await host.idle();

    expect((await host.status("e1")).output).toEqual([1, 2]);
  });

  test("go along through continueAsNew when nothing has waited for them, and the log says that Azure would lose them", async () => {
    const host = await startTestHost(loadApp, { replayCheck: true });
    closeGate();

    await host.start("adds", "k1", { sum: 0, left: 3 });
    for (const value of [1, 10, 100]) await host.raise("k1", "add", value);
    await expect.poll(() => calls.length).toBe(1);
    gate.open();
    await host.idle();

    const status = await host.status("k1", "showHistory=true");
    expect(status).toMatchObject({
      runtimeStatus: "Completed",
      output: 111,
      customStatus: { sum: 111, left: 0 },
      input: { sum: 11, left: 1 },
    });
    expect(status.historyEvents?.filter((event) => event.EventType === "TaskScheduled")).toHaveLength(1);
    expect(host.log.some(({ level, message }) => level === "warning" && message.includes("Azure would lose it"))).toBe(
      true,
    );
  });

  test("continueAsNew passes a string on as it is", async () => {
    const host = await startTestHost(loadApp, { replayCheck: true });

    expect((await host.run("continuesWithText", "t1", "first")).output).toBe("second");
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
