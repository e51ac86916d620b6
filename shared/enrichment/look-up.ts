import { AzureError } from "../azure/azure-error.ts";
import { createFresh, type Fresh } from "../azure/fresh.ts";
import type { Clock } from "../clock.ts";

/** One thing that was asked about: what was found, or why nothing was. */
export type Asked<Found> = { about: string; tookMs: number } & ({ found: Found } | { miss: string });

export interface LookUp<Found> {
  asked: Asked<Found>[];
  notAsked?: string | undefined;
}

/** How long a look-up may hold up a decision. */
export interface Budget {
  clock: Clock;
  budgetMs: number;
}

/** There is no answer to be had, and the message says why. */
export class Miss extends Error {
  override readonly name = "Miss";
}

/** Reads within the budget. Whatever comes of it is recorded, never thrown; an answer that comes late still fills the cache. */
export async function ask<Found>(
  about: string,
  { clock, budgetMs }: Budget,
  read: () => Promise<Found>,
): Promise<Asked<Found>> {
  const begun = clock.now().getTime();
  const over = new AbortController();
  const answer = await Promise.race([outcomeOf(read), lateness(clock, budgetMs, over.signal)]);
  over.abort();
  return { about, tookMs: clock.now().getTime() - begun, ...answer };
}

async function outcomeOf<Found>(read: () => Promise<Found>): Promise<{ found: Found } | { miss: string }> {
  try {
    return { found: await read() };
  } catch (error) {
    return { miss: reasonOf(error) };
  }
}

async function lateness(clock: Clock, budgetMs: number, over: AbortSignal): Promise<{ miss: string }> {
  await clock.sleep(budgetMs, over);
  return { miss: `no answer within ${budgetMs} ms` };
}

/** In a sentence why a look-up came to nothing. */
export function reasonOf(error: unknown): string {
  if (error instanceof Miss || error instanceof AzureError) return error.message;
  return `the look-up failed: ${error instanceof Error ? error.message.slice(0, 300) : "unknown error"}`;
}

/** Answers that are kept, refusals among them. */
export type Cache<Value> = Fresh<{ value: Value } | { refused: string }>;

const lifetimeMs = 10 * 60_000;

export function createCache<Value>(clock: Clock): Cache<Value> {
  return createFresh(lifetimeMs, clock);
}

/**
 * The kept answer, or a new one. What a retry cannot mend is kept as well: a missing permission must not be asked for at every alert.
 * What may pass by itself (429, 503, no answer, an old token, an answer that nobody understood) is asked again the next time.
 */
export async function keep<Value>(cache: Cache<Value>, key: string, load: () => Promise<Value>): Promise<Value> {
  const kept = await cache.get(key, async () => {
    try {
      return { value: await load() };
    } catch (error) {
      if (error instanceof AzureError && isLasting(error)) return { refused: error.message };
      throw error;
    }
  });
  if ("refused" in kept) throw new Miss(kept.refused);
  return kept.value;
}

/** A 401 ends with the next token, and an answer that was not understood (it has the status of a success) with the next answer. */
function isLasting({ status, transient }: AzureError): boolean {
  return status >= 400 && status !== 401 && !transient;
}

/** Nothing was asked, and why: switched off, or nothing to ask about. */
export function notAsked<Found>(reason: string): LookUp<Found> {
  return { asked: [], notAsked: `not asked: ${reason}` };
}

/** Asks about the first few, all at the same time, and says how many were left out. */
export async function askAbout<Subject, Found>(
  subjects: readonly Subject[],
  { limit, noun }: { limit: number; noun: string },
  one: (subject: Subject) => Promise<Asked<Found>>,
): Promise<LookUp<Found>> {
  if (subjects.length === 0) return notAsked(`the alert names no ${noun}`);
  const asked = await Promise.all(subjects.slice(0, limit).map(one));
  const more = subjects.length - limit;
  return more > 0 ? { asked, notAsked: `not asked: ${more} more than the first ${limit}` } : { asked };
}
