import type { Clock } from "../clock.ts";

/** Values that were looked up, kept for a while; callers that ask at the same time share one look-up. A failure is not kept. */
export interface Fresh<T> {
  get(key: string, load: () => Promise<T>): Promise<T>;
  set(key: string, value: T): void;
  drop(key: string): void;
}

export function createFresh<T>(lifetimeMs: number, clock: Clock, capacity = 1000): Fresh<T> {
  const kept = new Map<string, { value: Promise<T>; until: number }>();

  function keep(key: string, value: Promise<T>): void {
    kept.delete(key);
    kept.set(key, { value, until: clock.now().getTime() + lifetimeMs });
    const oldest = kept.keys().next().value;
    if (kept.size > capacity && oldest !== undefined) kept.delete(oldest);
  }

  return {
    get(key, load) {
      const found = kept.get(key);
      if (found && found.until > clock.now().getTime()) return found.value;
      const value = load();
      keep(key, value);
      value.catch(() => {
        if (kept.get(key)?.value === value) kept.delete(key);
      });
      return value;
    },
    set: (key, value) => keep(key, Promise.resolve(value)),
    drop: (key) => void kept.delete(key),
  };
}
