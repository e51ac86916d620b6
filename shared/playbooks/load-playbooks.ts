import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PlaybookError, parsePlaybook } from "./parse-playbook.ts";
import type { Playbook, ResponderSignature } from "./playbook.ts";

/** Every `*.yaml` of a folder, by name. One bad file stops them all: a playbook that silently is not there is an attack that is not answered. */
export async function loadPlaybooks(
  folder: string,
  responders: ReadonlyMap<string, ResponderSignature>,
): Promise<readonly Playbook[]> {
  const files = (await readdir(folder)).filter((file) => /\.ya?ml$/.test(file)).sort();
  if (files.length === 0) throw new PlaybookError(folder, ["the folder holds no playbook (*.yaml)"]);
  const playbooks = await Promise.all(
    files.map(async (file) => parsePlaybook(file, await readFile(join(folder, file), "utf8"), responders)),
  );
  const twice = playbooks.find(({ name }, index) => playbooks.findIndex((other) => other.name === name) !== index);
  if (twice) throw new PlaybookError(folder, [`${twice.name}.yaml and ${twice.name}.yml are both there: remove one`]);
  return playbooks;
}
