/** Remembers what a text was parsed into. Bounded: a fragment that is rewritten a thousand times must not fill the memory. */
export function memoByText<T>(parse: (text: string) => T, limit = 500): (text: string) => T {
  const known = new Map<string, { value: T }>();
  return (text) => {
    const hit = known.get(text);
    if (hit) return hit.value;

    const value = parse(text);
    if (known.size >= limit) known.clear();
    known.set(text, { value });
    return value;
  };
}
