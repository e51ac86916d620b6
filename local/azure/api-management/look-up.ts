/** API Management's names keep their letter case and are found whatever the case. */
export function lookUp<T>(map: ReadonlyMap<string, T>, name: string): { key: string; value: T } | undefined {
  const exact = map.get(name);
  if (exact !== undefined) return { key: name, value: exact };
  const wanted = name.toLowerCase();
  for (const [key, value] of map) if (key.toLowerCase() === wanted) return { key, value };
  return undefined;
}
