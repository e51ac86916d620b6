import type { GraphResource } from "./state.ts";

/** One write: what was there (undefined: nothing), and what is there since. */
interface Change {
  at: number;
  /** Names of the properties that were written, with the old value or another. */
  written: readonly string[];
  before: GraphResource | undefined;
  after: GraphResource;
}

/** Kept beside the objects, so that what Graph answers holds nothing of it and a test's own object has no past. */
const pasts = new WeakMap<GraphResource, readonly Change[]>();

/** Oldest first. */
export function changesOf(resource: GraphResource): readonly Change[] {
  return pasts.get(resource) ?? [];
}

/** Puts the object with these properties in its place in the list; the old object stays as it was. */
export function change(
  list: GraphResource[],
  before: GraphResource,
  properties: Readonly<Record<string, unknown>>,
  at: Date,
): GraphResource {
  const after = { ...before, ...properties };
  pasts.set(after, [...changesOf(before), { at: at.getTime(), written: Object.keys(properties), before, after }]);
  list[list.indexOf(before)] = after;
  return after;
}

export function create(list: GraphResource[], after: GraphResource, at: Date): void {
  pasts.set(after, [{ at: at.getTime(), written: Object.keys(after), before: undefined, after }]);
  list.push(after);
}

interface Read {
  now: Date;
  /** For how long a write is not seen yet. */
  staleMs: number;
  /** Whether this read misses the latest write, however long ago. */
  stale: boolean;
}

/** What a read sees. "A successful write … does not guarantee that an immediate read will reflect that change." */
export function seen(resources: readonly GraphResource[], { now, staleMs, stale }: Read): GraphResource[] {
  return resources.flatMap((resource) => {
    const changes = changesOf(resource);
    const unseen = stale ? changes.at(-1) : changes.find(({ at }) => at > now.getTime() - staleMs);
    if (unseen === undefined) return [resource];
    return unseen.before === undefined ? [] : [unseen.before];
  });
}
