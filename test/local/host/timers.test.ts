import { beforeEach, describe, expect, test, vi } from "vitest";
import { parseSchedule } from "../../../local/host/ncrontab.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { calls, closeGate, gate } from "./apps/record.ts";
import { startTestHost, temporaryFolder } from "./support.ts";

const loadApp = () => import("./apps/timers.ts");
const minute = 60_000;
const runsOf = (isPastDue: boolean) =>
  calls.filter(
    (call) => typeof call === "object" && call !== null && "isPastDue" in call && call.isPastDue === isPastDue,
  );

beforeEach(() => {
  calls.length = 0;
  vi.stubEnv("TEST_SCHEDULE", "30 * * * * *");
});

describe("timer triggers", () => {
  test("run when their schedule says, with the status Azure gives, and at start where that is asked for", async () => {
    const clock = createManualClock("2026-01-01T00:00:00Z");
    const host = await startTestHost(loadApp, { clock });
    await host.idle();
    expect(calls).toEqual([["atStart", false]]);

    await clock.advance(30_000);
    await host.idle();

    expect(calls[1]).toEqual({
      schedule: { adjustForDST: true },
      scheduleStatus: {
        last: "0001-01-01T00:00:00",
        next: "2026-01-01T00:00:30.000Z",
        lastUpdated: "2026-01-01T00:00:00.000Z",
      },
      isPastDue: false,
    });
    await clock.advance(minute);
    await host.idle();
    expect(calls[2]).toMatchObject({
      scheduleStatus: { last: "2026-01-01T00:00:30.000Z", next: "2026-01-01T00:01:30.000Z" },
    });
  });

  test("make up once for what was missed while the host was down, and say so", async () => {
    const stateFile = `${temporaryFolder()}/state.db`;
    const first = await startTestHost(loadApp, { stateFile, clock: createManualClock("2026-01-01T00:00:00Z") });
    await first.close();
    calls.length = 0;

    const host = await startTestHost(loadApp, { stateFile, clock: createManualClock("2026-01-01T00:10:00Z") });
    await host.idle();

    expect(runsOf(true)).toHaveLength(1);
    expect(runsOf(false)).toHaveLength(0);
  });

  test("never overlap themselves", async () => {
    const clock = createManualClock("2026-01-01T00:00:00Z");
    const host = await startTestHost(loadApp, { clock });
    await host.idle();
    calls.length = 0;
    closeGate();

    await clock.advance(5 * minute);
    host.wake();
    await expect.poll(() => calls.length).toBe(1);
    await clock.advance(5 * minute);
    expect(calls).toHaveLength(1);
    gate.open();
    await host.idle();
    await clock.advance(minute);
    await host.idle();
    expect(calls).toHaveLength(2);
  });

  test("run although the clock is set back when they have just become due", async () => {
    const steady = createManualClock("2026-01-01T00:00:00Z");
    let setBack = 0;
    const clock = { now: () => new Date(steady.now().getTime() - setBack), sleep: steady.sleep };
    const host = await startTestHost(loadApp, { clock });
    await host.idle();
    calls.length = 0;

    await steady.advance(30_000);
    setBack = 1_000;
    await host.idle();
    expect(calls).toEqual([]);
    await steady.advance(1_000);
    await host.idle();

    expect(runsOf(false)).toHaveLength(1);
  });

  test("cannot start with a schedule that names a setting which is absent", async () => {
    vi.stubEnv("TEST_SCHEDULE", undefined);

    await expect(startTestHost(loadApp)).rejects.toThrow(
      'Timer function "minutely" cannot run: The schedule "%TEST_SCHEDULE%"',
    );
  });
});

describe("an NCRONTAB expression", () => {
  const next = (text: string, from: string) => parseSchedule(text).nextAfter(new Date(from)).toISOString();

  test("has six fields with the seconds first, or five", () => {
    expect(next("0 */5 * * * *", "2026-01-01T00:02:00Z")).toBe("2026-01-01T00:05:00.000Z");
    expect(next("*/5 * * * *", "2026-01-01T00:02:00Z")).toBe("2026-01-01T00:05:00.000Z");
    expect(next("0 30 9 * * Mon-Fri", "2026-01-02T10:00:00Z")).toBe("2026-01-05T09:30:00.000Z");
  });

  test("wants day and weekday to match both, unlike cron", () => {
    expect(next("0 0 0 13 * 5", "2026-01-01T00:00:00Z")).toBe("2026-02-13T00:00:00.000Z");
  });

  test("is nothing else", () => {
    for (const text of ["00:05:00", "@daily", "0 0 0 L * *", "* * *"])
      expect(() => parseSchedule(text)).toThrow("NCRONTAB");
  });
});
