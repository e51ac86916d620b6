import type { Clock } from "../clock.ts";
import type { EnforcementPoint } from "../ledger/containment.ts";
import type { Containments, Held } from "../ledger/containments.ts";

/** So many that wait at once are a flood, and a flood does not end with them; while so many more come in a pause, it still rises. */
const flood = 20;
const rising = 5;
const pauseMs = 1_000;
const pauses = 10;

/**
 * What the ledger holds for one enforcement point, once a flood has come in: a write takes seconds, so one that begins a moment later
 * and takes everybody along is over sooner for most than several in a row. Whoever comes with few others waits for nothing.
 */
export async function gather(
  point: EnforcementPoint["key"],
  { containments, clock }: { containments: Pick<Containments, "at">; clock: Clock },
): Promise<Held[]> {
  let held = await containments.at(point);
  for (let paused = 0; paused < pauses && waiting(held) >= flood; paused++) {
    await clock.sleep(pauseMs);
    const now = await containments.at(point);
    const grown = waiting(now) - waiting(held);
    held = now;
    if (grown < rising) break;
  }
  return held;
}

function waiting(held: readonly Held[]): number {
  return held.filter(({ containment: { state } }) => state === "requested").length;
}
