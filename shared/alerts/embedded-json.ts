import { isObject, type Json, meant } from "./fields.ts";

/** What a column holds as JSON text, or already taken apart; undefined where it is neither. */
export function readEmbedded(raw: unknown): unknown {
  if (typeof raw !== "string") return raw;
  if (!/^\s*[[{]/.test(raw)) return undefined;
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}

export function embeddedObject(raw: unknown): Json {
  const read = readEmbedded(raw);
  return isObject(read) ? read : {};
}

/** The texts of a list of texts; a text that is no JSON is the only one of its list. */
export function embeddedTexts(raw: unknown): string[] {
  const read = readEmbedded(raw) ?? raw;
  return (Array.isArray(read) ? read : [read]).flatMap((item: unknown) => meant(item) ?? []);
}
