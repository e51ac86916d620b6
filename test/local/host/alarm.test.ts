import { expect, test } from "vitest";
import { createAlarm } from "../../../local/host/alarm.ts";
import { createManualClock } from "../../support/manual-clock.ts";

test("an alarm looks again within a minute, so that a laptop that was suspended catches up", async () => {
  const awake = createManualClock();
  let suspendedFor = 0;
  const clock = { now: () => new Date(awake.now().getTime() + suspendedFor), sleep: awake.sleep };
  const rungAt: number[] = [];
  const due = clock.now().getTime() + 3_600_000;
  const alarm = createAlarm(clock, () => rungAt.push(clock.now().getTime()));

  alarm.set(due);
  suspendedFor = 3_600_000;
  await awake.advance(60_000);

  expect(rungAt).toEqual([due + 60_000]);
});
