import type { Clock } from "../../shared/clock.ts";

export interface Alarm {
  /** Rings once at `at` (milliseconds since 1970), unless it is already set to ring earlier. */
  set(at: number): void;
  clear(): void;
}

// A longer setTimeout would overflow and fire at once; ringing early is harmless, the owner looks and sets it again.
const longestSleep = 86_400_000;

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
