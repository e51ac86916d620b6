/**
 * Reads outside data whose letter case is not to be trusted: the same alert arrives in camelCase, PascalCase and mixtures
 * (the flat shape's own documentation contradicts its captures).
 */
export type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The own property of that name in any letter case, with the key as it is really spelled. Of several such keys the name itself counts,
 * then the name with a capital, then the first.
 */
export function find(object: Json, name: string): { key: string; value: unknown } | undefined {
  const key = keyFor(object, name);
  return key === undefined ? undefined : { key, value: object[key] };
}

export function value(object: Json, name: string): unknown {
  const key = keyFor(object, name);
  return key === undefined ? undefined : object[key];
}

/** Objects with more keys than any product writes are indexed, once each: only there searching takes longer than indexing. */
const searchLimit = 64;
const indexes = new WeakMap<Json, Map<string, string>>();

function keyFor(object: Json, name: string): string | undefined {
  if (Object.hasOwn(object, name)) return name;
  const { pascal, lower, first } = spellingsOf(name);
  if (Object.hasOwn(object, pascal)) return pascal;
  let seen = 0;
  for (const key in object) {
    if (key.length === lower.length && (key.charCodeAt(0) | 32) === first && key.toLowerCase() === lower)
      return Object.hasOwn(object, key) ? key : undefined;
    if (++seen === searchLimit) return indexOf(object).get(lower);
  }
  return undefined;
}

function indexOf(object: Json): Map<string, string> {
  let index = indexes.get(object);
  if (!index) {
    index = new Map();
    for (const key of Object.keys(object)) {
      const small = key.toLowerCase();
      if (!index.has(small)) index.set(small, key);
    }
    indexes.set(object, index);
  }
  return index;
}

interface Spellings {
  pascal: string;
  lower: string;
  /** The first letter's code with the bit that tells small from capital set. */
  first: number;
}

/** By the names that readers ask for, which are few. */
const spellings = new Map<string, Spellings>();

function spellingsOf(name: string): Spellings {
  let known = spellings.get(name);
  if (!known) {
    const lower = name.toLowerCase();
    known = { pascal: name.charAt(0).toUpperCase() + name.slice(1), lower, first: lower.charCodeAt(0) | 32 };
    if (spellings.size < 1000) spellings.set(name, known);
  }
  return known;
}

/** Words that products write where they mean "nothing". */
const absent = new Set(["", "null", "-", "none", "n/a", "unknown", "undefined"]);

/** Trimmed text, or undefined for anything that means absent (`"null"`, `"-"`, blank, no string at all). */
export function meant(raw: unknown): string | undefined {
  if (typeof raw !== "string") return undefined;
  const trimmed = raw.trim();
  // Only short texts can be one of the words: long ones are not lower-cased to find out.
  if (trimmed.length <= 9 && absent.has(trimmed.toLowerCase())) return undefined;
  // Half a surrogate pair, which not every store takes, becomes U+FFFD.
  return trimmed.toWellFormed();
}

/** {@link meant} of the property of that name in any letter case. */
export function text(object: Json, name: string): string | undefined {
  return meant(value(object, name));
}

/** A number, also one written as text (`"11161"`). */
export function number(object: Json, name: string): number | undefined {
  const found = value(object, name);
  if (typeof found === "number") return Number.isFinite(found) ? found : undefined;
  return typeof found === "string" && /^-?\d{1,15}$/.test(found.trim()) ? Number(found) : undefined;
}

/** True for `true` and for the table exports' `"True"`. */
export function isTrue(object: Json, name: string): boolean {
  const found = value(object, name);
  return found === true || (typeof found === "string" && found.trim().toLowerCase() === "true");
}

export function list(object: Json, name: string): { key: string; items: unknown[] } {
  const found = find(object, name);
  return { key: found?.key ?? name, items: Array.isArray(found?.value) ? found.value : [] };
}

/** The texts of a list of texts. */
export function texts(object: Json, name: string): string[] {
  return list(object, name).items.flatMap((item) => meant(item) ?? []);
}
