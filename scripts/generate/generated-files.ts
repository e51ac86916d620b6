import { join } from "node:path";
import { readingFeatures } from "../../shared/permissions.ts";
import { loadPlaybooks } from "../../shared/playbooks/load-playbooks.ts";
import { responders } from "../../shared/responders/responders.ts";
import { permissionsPage } from "./permissions-page.ts";
import { playbookSchema } from "./playbook-schema.ts";
import { playbooksPage } from "./playbooks-page.ts";
import { respondersPage } from "./responders-page.ts";
import { settingsPage } from "./settings-page.ts";

const root = join(import.meta.dirname, "../..");

/** Where they lie, from the root of the repository. */
export const generatedFolder = "docs/generated";

/** Every generated file by its name in {@link generatedFolder}: the same for the same sources, on every machine. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const known = [...responders.values()];
  const playbooks = await loadPlaybooks(join(root, "playbooks"), responders);
  return new Map([
    ["permissions.md", permissionsPage(known, readingFeatures)],
    ["playbook.schema.json", playbookSchema(known)],
    ["playbooks.md", playbooksPage(playbooks)],
    ["responders.md", respondersPage(known)],
    ["settings.md", settingsPage()],
  ]);
}
