/** Remembers what the latest texts were parsed into. Bounded: a large fragment that is rewritten for hours must not fill the memory. */
export function memoByText<T>(limit: number, parse: (text: string) => T): (text: string) => T {
  const known = new Map<string, { value: T }>();
  return (text) => {
    const entry = known.get(text) ?? { value: parse(text) };
    // A map keeps its order of insertion, so the first key is the one that was asked for the longest time ago.
    known.delete(text);
    known.set(text, entry);
    const [oldest] = known.keys();
    if (known.size > limit && oldest !== undefined) known.delete(oldest);
    return entry.value;
  };
}
