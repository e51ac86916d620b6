import { setTimeout as sleep } from "node:timers/promises";
import type { Stack } from "../stack.ts";
import type { Story } from "./story.ts";

/**
 * One attack from its first sign to the end of what contained it, through the whole system. Everything that is told was read back from it;
 * what differs from what should have happened ends the play with PlayFailed.
 */
export type Play = (stack: Stack, story: Story) => Promise<void>;

/** Nobody watches a play for hours. */
export const longestWaitMs = 60_000;

export class PlayFailed extends Error {
  override readonly name = "PlayFailed";
}

export function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new PlayFailed(otherwise);
}

/** Looks again and again. Throws {@link PlayFailed} when the time is over. */
export async function until<T>(what: string, withinMs: number, look: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(50)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new PlayFailed(`waited ${withinMs / 1000} s for ${what}`);
}
