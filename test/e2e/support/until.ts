import { setTimeout as sleep } from "node:timers/promises";

/** Looks again and again until there is something to see; an error that says what was waited for otherwise. */
export async function until<T>(
  what: string,
  withinMs: number,
  look: () => T | undefined | Promise<T | undefined>,
  everyMs = 50,
): Promise<T> {
  for (const end = Date.now() + withinMs; ; await sleep(everyMs)) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() >= end) throw new Error(`waited ${withinMs / 1000} s for ${what}`);
  }
}
