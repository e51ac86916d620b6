/**
 * Reads outside data whose letter case is not to be trusted: the same alert arrives in camelCase, PascalCase and mixtures
 * (the flat shape's own documentation contradicts its captures).
 */
export type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The own property of that name in any letter case, with the key as it is really spelled. */
export function find(object: Json, name: string): { key: string; value: unknown } | undefined {
  if (Object.hasOwn(object, name)) return { key: name, value: object[name] };
  const wanted = name.toLowerCase();
  const key = Object.keys(object).find((candidate) => candidate.toLowerCase() === wanted);
  return key === undefined ? undefined : { key, value: object[key] };
}

export function value(object: Json, name: string): unknown {
  return find(object, name)?.value;
}

/** Words that products write where they mean "nothing". */
const absent = new Set(["", "null", "-", "none", "n/a", "unknown", "undefined"]);

/**
 * Trimmed text, or undefined for anything that means absent (`"null"`, `"-"`, blank, no string at all). Half a surrogate pair, which
 * not every store takes, becomes U+FFFD.
 */
export function text(object: Json, name: string): string | undefined {
  const found = value(object, name);
  if (typeof found !== "string") return undefined;
  const trimmed = found.trim();
  return absent.has(trimmed.toLowerCase()) ? undefined : trimmed.toWellFormed();
}

export function list(object: Json, name: string): { key: string; items: unknown[] } {
  const found = find(object, name);
  return { key: found?.key ?? name, items: Array.isArray(found?.value) ? found.value : [] };
}
