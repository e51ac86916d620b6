import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { referencePath } from "../support/reference-material.ts";

interface Sample {
  name: string;
  /** JSON. */
  text: string;
}

/** Real shapes: the fixtures of every family and, where they are at hand, the published samples. */
export function corpus(): Sample[] {
  const own = jsonFiles(join(import.meta.dirname, "../../local/scenarios/alerts"));
  const samples = referencePath("samples");
  return [...own, ...(samples === undefined ? [] : jsonFiles(samples))];
}

function jsonFiles(folder: string): Sample[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".json"))
    .map((entry) => ({ name: entry.name, text: readFileSync(join(entry.parentPath, entry.name), "utf8") }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}
