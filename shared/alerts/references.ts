import { find, isObject, type Json, value } from "./fields.ts";

/** An object and where it stands. */
interface Standing {
  object: Json;
  at: string;
}

/** Undoes the references of Newtonsoft.Json, which writes an object once with an `$id` and points at it with a `$ref` afterwards. */
export interface References {
  /**
   * The object that `candidate`, which stands at `at`, is or as a `$ref` leads to. Undefined where there is none; that a reference leads
   * nowhere or in a circle is noted.
   */
  follow(candidate: unknown, at: string): Standing | undefined;
}

const hopLimit = 8;

/** `roots`: where in the alert definitions may stand, at any depth; of two with one id the first counts. */
export function createReferences(roots: readonly { key: string; value: unknown }[], notes: string[]): References {
  // Most alerts hold no reference at all.
  let definitions: ReadonlyMap<string, Standing> | undefined;

  return {
    follow(candidate, at) {
      if (!isObject(candidate)) return undefined;
      let standing: Standing = { object: candidate, at };
      for (let hops = 0; hops < hopLimit; hops++) {
        const id = idOf(standing.object, "$ref");
        if (id === undefined) return standing;
        definitions ??= definitionsIn(roots);
        const next = definitions.get(id);
        if (!next) {
          notes.push(`${at}: $ref ${JSON.stringify(id.slice(0, 40))} leads nowhere, ignored`);
          return undefined;
        }
        standing = next;
      }
      notes.push(`${at}: $ref leads in a circle, ignored`);
      return undefined;
    },
  };
}

export function isReference(item: Json): boolean {
  return find(item, "$ref") !== undefined;
}

/** In the order of the text. No product writes definitions as deep as this, and a bomb of lists must not exhaust the stack. */
const depthLimit = 32;

function definitionsIn(roots: readonly { key: string; value: unknown }[]): Map<string, Standing> {
  const found = new Map<string, Standing>();
  for (const { key, value: root } of roots) walk(root, key, 0);
  return found;

  function walk(node: unknown, at: string, depth: number): void {
    if (depth > depthLimit) return;
    if (Array.isArray(node)) {
      for (const [index, one] of node.entries()) walk(one, `${at}[${index}]`, depth + 1);
    } else if (isObject(node)) {
      const id = idOf(node, "$id");
      if (id !== undefined && !found.has(id)) found.set(id, { object: node, at });
      for (const key of Object.keys(node)) {
        const nested = node[key];
        if (typeof nested === "object" && nested !== null) walk(nested, `${at}.${key}`, depth + 1);
      }
    }
  }
}

function idOf(object: Json, name: "$id" | "$ref"): string | undefined {
  const id = value(object, name);
  return typeof id === "string" || typeof id === "number" ? String(id) : undefined;
}
