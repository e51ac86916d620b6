import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { referencePath } from "../support/reference-material.ts";

/** JSON texts of real shapes: the fixtures of every family and, where they are at hand, the published samples. */
export function corpus(): string[] {
  const own = jsonFiles(join(import.meta.dirname, "../../local/scenarios/alerts"));
  const samples = referencePath("samples");
  return [...own, ...(samples === undefined ? [] : jsonFiles(samples))].map((file) => readFileSync(file, "utf8"));
}

function jsonFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".json"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
