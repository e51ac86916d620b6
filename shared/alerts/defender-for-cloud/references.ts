import { eachOf, isObject, type Json, type Placed, value } from "../fields.ts";

/** Undoes the references of Newtonsoft.Json, which writes an object once with an `$id` and points at it with a `$ref` afterwards. */
export interface References {
  /**
   * The object that `candidate`, which stands at `at`, is or as a `$ref` leads to. Undefined where there is none; that a reference leads
   * nowhere or in a circle is noted.
   */
  follow(candidate: unknown, at: string): Placed | undefined;
}

/** Where definitions may stand, at any depth. */
export interface Root {
  at: string;
  value: unknown;
}

const hopLimit = 8;

/** Of two definitions with one id the first counts. */
export function createReferences(roots: readonly Root[], notes: string[]): References {
  // Most alerts hold no reference at all.
  let definitions: ReadonlyMap<string, Placed> | undefined;

  return {
    follow(candidate, at) {
      if (!isObject(candidate)) return undefined;
      let placed: Placed = { object: candidate, at };
      for (let hops = 0; hops < hopLimit; hops++) {
        const id = idOf(placed.object, "$ref");
        if (id === undefined) return placed;
        definitions ??= definitionsIn(roots);
        const next = definitions.get(id);
        if (!next) {
          notes.push(`${at}: $ref ${JSON.stringify(id.slice(0, 40))} leads nowhere, ignored`);
          return undefined;
        }
        placed = next;
      }
      notes.push(`${at}: $ref leads in a circle, ignored`);
      return undefined;
    },
  };
}

export function isReference(item: Json): boolean {
  return value(item, "$ref") !== undefined;
}

/** In the order of the text. No product writes definitions as deep as this, and a bomb of lists must not exhaust the stack. */
const depthLimit = 32;

function definitionsIn(roots: readonly Root[]): Map<string, Placed> {
  const found = new Map<string, Placed>();
  for (const root of roots) walk(root.value, root.at, 0);
  return found;

  function walk(node: unknown, at: string, depth: number): void {
    if (depth > depthLimit) return;
    if (Array.isArray(node)) eachOf(node, at, (one, oneAt) => walk(one, oneAt, depth + 1));
    else if (isObject(node)) {
      const id = idOf(node, "$id");
      if (id !== undefined && !found.has(id)) found.set(id, { object: node, at });
      for (const key of Object.keys(node)) {
        const held = node[key];
        if (typeof held === "object" && held !== null) walk(held, `${at}.${key}`, depth + 1);
      }
    }
  }
}

function idOf(object: Json, name: "$id" | "$ref"): string | undefined {
  const id = value(object, name);
  return typeof id === "string" || typeof id === "number" ? String(id) : undefined;
}
