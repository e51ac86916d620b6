import * as z from "zod";
import { createAlarm } from "./alarm.ts";
import { AppNotLoadable, type RegisteredFunction } from "./functions-core.ts";
import type { HostContext } from "./host-context.ts";
import { invokeFunction } from "./invoke-function.ts";
import { parseSchedule, type Schedule } from "./ncrontab.ts";
import { createWorkQueue } from "./work-queue.ts";

const TimerTrigger = z.looseObject({ schedule: z.string(), runOnStartup: z.boolean().default(false) });

interface Timer {
  fn: RegisteredFunction;
  schedule: Schedule;
  runOnStartup: boolean;
  /** Set while the host starts: this run makes up for one that was missed while it was down. */
  pastDue: boolean;
  forced: boolean;
}

export interface Timers {
  /** Runs what has become due. */
  wake(): void;
  isIdle(): boolean;
  close(late: Promise<void>): Promise<void>;
}

function readTimer(fn: RegisteredFunction): Timer {
  const { schedule, runOnStartup } = TimerTrigger.parse(fn.trigger);
  try {
    return { fn, schedule: parseSchedule(schedule), runOnStartup, pastDue: false, forced: false };
  } catch (cause) {
    throw new AppNotLoadable(
      `Timer function "${fn.name}" cannot run: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
}

/** Timer triggers. When each ran last is remembered; a run missed while the host was down is made up for, once. */
export function startTimers(host: HostContext, onIdle: () => void): Timers {
  const { store, clock, log } = host;
  const timers = new Map(
    host.functions.filter((fn) => fn.trigger.type === "timerTrigger").map((fn) => [fn.name, readTimer(fn)]),
  );
  const queue = createWorkQueue({
    concurrency: 16,
    onIdle,
    onError: (name, error) => log({ level: "error", category: `Function.${name}`, message: String(error) }),
    run,
  });
  const alarm = createAlarm(clock, wake);
  let closed = false;

  async function run(name: string): Promise<void> {
    const timer = timers.get(name);
    const status = timer && store.timer(name);
    const started = clock.now();
    if (!timer || !status) return;
    // Ran already, or the clock was set back after it had become due.
    if (status.next > started.getTime() && !timer.forced) return alarm.set(status.next);
    const isPastDue = timer.pastDue;
    timer.pastDue = timer.forced = false;
    const iso = (at: number | null) => (at === null ? "0001-01-01T00:00:00" : new Date(at).toISOString());
    const info = {
      Schedule: { AdjustForDST: true },
      ScheduleStatus: { Last: iso(status.last), Next: iso(status.next), LastUpdated: iso(status.updated_at) },
      IsPastDue: isPastDue,
    };
    try {
      await invokeFunction(timer.fn, { json: JSON.stringify(info) }, { log, clientBinding: host.clientBinding });
    } catch (error) {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      log({ level: "error", category: `Function.${name}`, message });
    }
    if (closed) return;
    // Written when the run has ended: one that was killed is made up for at the next start.
    const now = clock.now();
    const next = timer.schedule.nextAfter(now).getTime();
    store.transaction(() => store.putTimer(name, started.getTime(), next, now.getTime()));
    alarm.set(next);
  }

  function wake(): void {
    if (closed) return;
    const now = clock.now().getTime();
    for (const name of timers.keys()) {
      const next = store.timer(name)?.next ?? now;
      if (next <= now) queue.add(name);
      else alarm.set(next);
    }
  }

  store.transaction(() => {
    const now = clock.now();
    for (const [name, timer] of timers) {
      const status = store.timer(name);
      const next = timer.schedule.nextAfter(now).getTime();
      if (!status) store.putTimer(name, null, next, now.getTime());
      else if (status.next <= now.getTime()) timer.pastDue = true;
      // The schedule may have been changed since: what it says now counts.
      else store.putTimer(name, status.last, next, status.updated_at);
      if (!timer.runOnStartup) continue;
      timer.forced = true;
      queue.add(name);
    }
  });
  wake();

  return {
    wake,
    isIdle: () => queue.isIdle(),
    async close(late) {
      alarm.clear();
      await Promise.race([queue.close(), late]);
      closed = true;
      alarm.clear();
    },
  };
}
