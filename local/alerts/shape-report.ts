import { knownFields } from "./known-fields.ts";

export interface ShapeReport {
  add(family: string, payload: unknown): void;
  lines(): string[];
}

const depthLimit = 6;
const pathLimit = 2000;

/** Counts, family by family, the fields that no documentation or capture of that shape has shown: Microsoft changes shapes unannounced. */
export function createShapeReport(): ShapeReport {
  const seen = new Map<string, { payloads: number; unknown: Map<string, number> }>();
  return {
    add(family, payload) {
      const counted = seen.get(family) ?? { payloads: 0, unknown: new Map<string, number>() };
      seen.set(family, counted);
      counted.payloads++;
      for (const path of new Set(pathsOf(payload))) {
        if (isKnown(family, path)) continue;
        if (counted.unknown.has(path) || counted.unknown.size < pathLimit)
          counted.unknown.set(path, (counted.unknown.get(path) ?? 0) + 1);
      }
    },
    lines() {
      return [...seen].flatMap(([family, { payloads, unknown }]) => {
        if (!Object.hasOwn(knownFields, family))
          return [`${family}: ${payloads} payloads, no list of fields to compare with`];
        const head = `${family}: ${payloads} payloads, ${unknown.size} fields not seen before`;
        const rows = [...unknown]
          .sort(([, a], [, b]) => b - a)
          .map(([path, count]) => `  ${printable(path)}  in ${count}`);
        return [head, ...rows];
      });
    },
  };
}

/** Paths of leaves and objects in lower case, `[]` for any place in a list: `properties.entities[].address`. */
function pathsOf(value: unknown, path = "", depth = 0): string[] {
  if (typeof value !== "object" || value === null || depth > depthLimit) return [];
  if (Array.isArray(value)) return value.slice(0, 200).flatMap((item) => pathsOf(item, `${path}[]`, depth + 1));
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = path === "" ? key.toLowerCase() : `${path}.${key.toLowerCase()}`;
    return [at, ...pathsOf(inner, at, depth + 1)];
  });
}

/** Known by name, or below something whose insides are free: `extendedproperties.*`. */
function isKnown(family: string, path: string): boolean {
  const known = Object.hasOwn(knownFields, family) ? knownFields[family] : undefined;
  if (!known) return true;
  if (known.has(path)) return true;
  for (let end = path.length; end > 0; ) {
    end = Math.max(path.lastIndexOf(".", end - 1), path.lastIndexOf("[", end - 1));
    if (end > 0 && known.has(`${path.slice(0, end)}.*`)) return true;
  }
  return false;
}

function printable(path: string): string {
  return path.replaceAll(/[^\w.@$()[\] -]/g, "?").slice(0, 200);
}
