import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { generatedFiles, generatedFolder } from "./generate/generated-files.ts";

// `npm run generate`: writes docs/generated from the schemas, responders and playbooks. --check writes nothing, and exits 1 on drift.
const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const folder = join(import.meta.dirname, "..", generatedFolder);
mkdirSync(folder, { recursive: true });

const wanted = await generatedFiles();
const there = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
const differing = [...new Set([...wanted.keys(), ...there.keys()])]
  .filter((name) => wanted.get(name) !== there.get(name))
  .sort();

for (const name of differing) {
  const text = wanted.get(name);
  const what = text === undefined ? "is made by nothing" : there.has(name) ? "differs" : "is missing";
  if (values.check) console.error(`${generatedFolder}/${name} ${what}`);
  else if (text === undefined) rmSync(join(folder, name));
  else writeFileSync(join(folder, name), text);
  if (!values.check) console.log(`${text === undefined ? "removed" : "wrote"} ${generatedFolder}/${name}`);
}
if (values.check && differing.length > 0) {
  console.error('Run "npm run generate" and commit what it writes.');
  process.exitCode = 1;
}
