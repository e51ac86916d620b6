import { beforeEach, expect, test } from "vitest";
import { createManualClock } from "../../support/manual-clock.ts";
import { calls } from "./apps/record.ts";
import { startTestHost } from "./support.ts";

const loadDurable = () => import("./apps/durable.ts");

/** A clock that NTP may set: its sleeps are those of the manual one, its time is off by `offset`. */
function createSettableClock() {
  const steady = createManualClock();
  const clock = {
    offset: 0,
    now: () => new Date(steady.now().getTime() + clock.offset),
    sleep: steady.sleep,
    advance: steady.advance,
  };
  return clock;
}

beforeEach(() => {
  calls.length = 0;
});

test("what is due at once is worked on although every look at the clock shows an earlier time", async () => {
  const clock = createSettableClock();
  const now = () => {
    clock.offset -= 1_000;
    return clock.now();
  };
  const host = await startTestHost(loadDurable, { clock: { now, sleep: clock.sleep } });

  for (const name of ["chain", "parent", "entityUser", "continuesWithText"]) {
    expect(await host.run(name, `back-${name}`, "first")).toMatchObject({ runtimeStatus: "Completed" });
  }
});

test("a timer that has become due fires although the clock is set back before the orchestrator's turn", async () => {
  const clock = createSettableClock();
  const host = await startTestHost(loadDurable, { clock });
  await host.run("sleeps", "back-timer", 60_000);

  clock.offset = 60_000;
  host.wake();
  clock.offset = 59_000;
  await host.idle();

  expect((await host.status("back-timer")).runtimeStatus).toBe("Completed");
});

test.each(Array.from({ length: 12 }, (_, index) => index + 1))(
  "a timer that is asked for late fires although the clock is set back, after look %i at it",
  async (look) => {
    const clock = createSettableClock();
    let looks = 0;
    const now = () => {
      if (looks++ === look) clock.offset = -10_000;
      return clock.now();
    };
    const host = await startTestHost(loadDurable, { clock: { now, sleep: clock.sleep } });

    await host.run("sleeps", "back-late", -5_000);
    await clock.advance(10_000);
    await host.idle();

    expect((await host.status("back-late")).runtimeStatus).toBe("Completed");
  },
);
