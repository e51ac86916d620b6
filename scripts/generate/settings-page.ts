import { Settings } from "../../shared/config.ts";
import { code, generatedFrom, table } from "./markdown.ts";

export function settingsPage(): string {
  const rows = Object.entries(Settings.shape).map(([name, schema]) => {
    const unset = schema.safeParse(undefined);
    return [code(name), unset.success ? describe(unset.data) : "required", schema.description ?? ""];
  });
  return `${generatedFrom("shared/config.ts")}
# Settings

App settings of the function app; on a laptop the \`Values\` of local.settings.json. An empty value means "not set". A value that cannot
be used keeps the app from answering, and the error names every setting that is wrong.

${table(["Setting", "Default", "Meaning"], rows)}
`;
}

function describe(value: unknown): string {
  if (value === undefined) return "not set";
  return Array.isArray(value) && value.length === 0 ? "empty" : code(String(value));
}
