import type { Clock } from "../../shared/clock.ts";

export interface Alarm {
  /** Rings once at `at` (milliseconds since 1970), unless it is already set to ring earlier. */
  set(at: number): void;
  clear(): void;
}

// setTimeout does not count the time a laptop was suspended, and the clock may be set: within a minute the owner looks
// again. Ringing early is harmless, it sets the alarm anew.
const longestSleep = 60_000;

/** The host does not poll: one sleep, until the next moment at which something is due. */
export function createAlarm(clock: Clock, ring: () => void): Alarm {
  let pending: { at: number; abort: AbortController } | undefined;

  function clear(): void {
    pending?.abort.abort();
    pending = undefined;
  }

  return {
    clear,
    set(at) {
      if (pending && pending.at <= at) return;
      clear();
      const mine = { at, abort: new AbortController() };
      pending = mine;
      const ms = Math.min(Math.max(at - clock.now().getTime(), 0), longestSleep);
      void clock.sleep(ms, mine.abort.signal).then(() => {
        if (pending !== mine) return;
        pending = undefined;
        ring();
      });
    },
  };
}
