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

    const ended = await host.status("a1", "showHistory=true");
    expect(ended.output).toEqual([{ by: "someone" }, "after"]);
    await clock.advance(60_000);
    await host.idle();
    expect(await host.status("a1", "showHistory=true")).toEqual(ended);
  });

  test("of more than six days may be cancelled after they were split, and the log says what Azure does", async () => {
    const clock = createManualClock();
    const host = await startTestHost(loadApp, { clock, replayCheck: true });

    await host.run("splitThenCancelled", "c1");
    for (let passed = 0; passed < 7; passed++) {
      await clock.advance(day);
      await host.idle();
    }
    await host.raise("c1", "go", 1);
    await host.idle();

    expect((await host.status("c1")).output).toEqual([1, "after"]);
    expect(host.log.some(({ level, message }) => level === "warning" && message.includes("durable-python#573"))).toBe(
      true,
    );
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
