import { existsSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "../../../shared");

/** Path of a published sample or specification kept beside the checkout; undefined where that folder is absent. */
export function referencePath(...parts: string[]): string | undefined {
  const path = resolve(root, ...parts);
  return existsSync(path) ? path : undefined;
}

export const referenceAbsent = "the reference material (../shared) is not beside this checkout";
