/**
 * Reads outside data whose letter case is not to be trusted: the same alert arrives in camelCase, PascalCase and mixtures
 * (the flat shape's own documentation contradicts its captures).
 */
export type Json = Record<string, unknown>;

/** A property as it is really spelled. */
export interface Field {
  key: string;
  value: unknown;
}

/** An object and its path in what arrived. */
export interface Placed {
  object: Json;
  at: string;
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The own property of that name in any letter case. Of several such keys the name itself counts, then the first. */
export function find(object: Json, name: string): Field | undefined {
  if (Object.hasOwn(object, name)) return { key: name, value: object[name] };
  const key = spellingIn(object, name);
  return key === undefined ? undefined : { key, value: object[key] };
}

export function value(object: Json, name: string): unknown {
  if (Object.hasOwn(object, name)) return object[name];
  const key = spellingIn(object, name);
  return key === undefined ? undefined : object[key];
}

/** Objects with more keys than any product writes are indexed, once each: only there searching takes longer than indexing. */
const searchLimit = 64;
const indexes = new WeakMap<Json, Map<string, string>>();
/** What tells a small letter of ASCII from its capital. */
const caseBit = 32;

function spellingIn(object: Json, name: string): string | undefined {
  const first = name.charCodeAt(0) | caseBit;
  let seen = 0;
  for (const key in object) {
    if (key.length === name.length && (key.charCodeAt(0) | caseBit) === first && isSpelled(key, name))
      return Object.hasOwn(object, key) ? key : undefined;
    if (++seen === searchLimit) return indexOf(object).get(name.toLowerCase());
  }
  return undefined;
}

/** Compared in place: a copy in small letters of each key that is met would take longer than everything else. */
function isSpelled(key: string, name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    const one = key.charCodeAt(at);
    const other = name.charCodeAt(at);
    if (one === other) continue;
    const small = one | caseBit;
    if (small !== (other | caseBit) || small < 97 || small > 122) return false;
  }
  return true;
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

/** Words that products write where they mean "nothing". */
const absent = /^(?:-|null|none|n\/a|unknown|undefined)?$/i;

/** Trimmed text, or undefined for anything that means absent (`"null"`, `"-"`, blank, no string at all). */
export function meant(raw: unknown): string | undefined {
  if (typeof raw !== "string") return undefined;
  const trimmed = raw.trim();
  return trimmed.length <= 9 && absent.test(trimmed) ? undefined : trimmed;
}

/** {@link meant} of the property of that name in any letter case. */
export function text(object: Json, name: string): string | undefined {
  return meant(value(object, name));
}

/** The first of these that says something. */
export function firstText(object: Json, names: readonly string[]): string | undefined {
  for (const name of names) {
    const found = text(object, name);
    if (found !== undefined) return found;
  }
  return undefined;
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

/** True for `false` and for `"False"`, and for nothing that is merely absent. */
export function isFalse(object: Json, name: string): boolean {
  const found = value(object, name);
  return found === false || (typeof found === "string" && found.trim().toLowerCase() === "false");
}

/** The texts of a list of texts. */
export function texts(object: Json, name: string): string[] {
  const found = value(object, name);
  return Array.isArray(found) ? found.flatMap((item) => meant(item) ?? []) : [];
}

/** The object of that name; `at` is the path of `object`. */
export function inner(object: Json, name: string, at: string): Placed | undefined {
  const field = find(object, name);
  return isObject(field?.value) ? { object: field.value, at: join(at, field.key) } : undefined;
}

/** Everything in the list of that name, with its path; `at` is the path of `object`. */
export function each(object: Json, name: string, at: string, read: (item: unknown, at: string) => void): void {
  const field = find(object, name);
  if (Array.isArray(field?.value)) eachOf(field.value, join(at, field.key), read);
}

/** The objects in the list of that name. */
export function eachObject(object: Json, name: string, at: string, read: (item: Json, at: string) => void): void {
  each(object, name, at, (item, itemAt) => {
    if (isObject(item)) read(item, itemAt);
  });
}

export function eachOf(items: readonly unknown[], at: string, read: (item: unknown, at: string) => void): void {
  for (let index = 0; index < items.length; index++) read(items[index], `${at}[${index}]`);
}

/** The path of a property of what stands at `at`, which is nothing for the whole of what arrived. */
export function join(at: string, key: string): string {
  return at === "" ? key : `${at}.${key}`;
}
