import { describe, expect, test } from "vitest";
import { createManualClock } from "../../support/manual-clock.ts";
import { startTestHost } from "./support.ts";

const loadApp = () => import("./apps/nondeterministic.ts");

describe("the replay check", () => {
  test.each([
    ["usesClock", "it reads Date.now()"],
    ["usesNewDate", "it reads new Date()"],
    ["usesRandom", "it reads Math.random()"],
    ["usesEnvironment", "it reads process.env.PATH"],
    ["usesModuleState", 'action 1 was callActivity "'],
    ["growsDifferently", 'action 1 was callActivity "echo"'],
  ])("fails %s and says why", async (name, reason) => {
    const host = await startTestHost(loadApp, { replayCheck: true });

    const { runtimeStatus, output } = await host.run(name, "n1");

    expect(runtimeStatus).toBe("Failed");
    expect(output).toContain(`Orchestrator "${name}" is not deterministic`);
    expect(output).toContain(reason);
  });

  test("names the action that differs", async () => {
    const host = await startTestHost(loadApp, { replayCheck: true });

    const { output } = await host.run("usesRandom", "n2");

    expect(output).toMatch(/action 1 was callActivity "echo" \{.*\} and is callActivity "echo" \{/);
  });

  test("passes an orchestrator that is as it should be, through retries, long timers, events and replays", async () => {
    const clock = createManualClock();
    const host = await startTestHost(loadApp, { replayCheck: true, clock });

    await host.run("correct", "c1");
    await clock.advance(4 * 86_400_000);
    await host.idle();
    await host.raise("c1", "go");
    await host.idle();

    expect(await host.status("c1")).toMatchObject({
      runtimeStatus: "Completed",
      output: { at: clock.now().toISOString() },
    });
  });

  test("is off unless asked for, and leaves the globals as they were", async () => {
    const before = [Date, Math.random, process.env, performance.now, crypto.randomUUID];
    const checked = await startTestHost(loadApp, { replayCheck: true });
    await checked.run("usesEnvironment", "n3");
    const unchecked = await startTestHost(loadApp);

    expect((await unchecked.run("usesEnvironment", "n4")).runtimeStatus).toBe("Completed");
    expect([Date, Math.random, process.env, performance.now, crypto.randomUUID]).toEqual(before);
  });
});
