import * as z from "zod";
import type { ListResponder } from "../../shared/responders/responder.ts";
import { code, generatedFrom, table } from "./markdown.ts";

export function respondersPage(responders: readonly ListResponder[]): string {
  return `${generatedFrom("shared/responders/")}
# Responders

A responder is one way to contain. Its id is what a playbook's step names.

${responders.map(section).join("\n")}`;
}

function section({
  id,
  summary,
  kind,
  point,
  targets,
  params,
  d3fend,
  reversible,
  permissions,
}: ListResponder): string {
  const facts = [
    ["Kind", `${code(kind)}: an entry in a document that Portcullis owns whole`],
    ["Enforcement point", code(point)],
    ["Targets", targets.map(code).join(", ")],
    ["D3FEND", `[${d3fend}](https://d3fend.mitre.org/)`],
    ["Reversible", reversible ? "yes" : "no"],
  ];
  return `## ${id}

${summary}

${table(["", ""], facts)}

${parameters(params)}

Azure RBAC actions:

${permissions.map((action) => `- ${code(action)}`).join("\n")}
`;
}

function parameters(params: z.ZodType): string {
  const { properties = {}, required = [] } = z.toJSONSchema(params, { io: "input" });
  const rows = Object.entries(properties).map(([name, schema]) => {
    const { type, minimum, maximum, description } = typeof schema === "object" ? schema : {};
    const range = minimum === undefined || maximum === undefined ? "" : `, ${minimum} to ${maximum}`;
    return [code(name), `${type ?? "any"}${range}`, required.includes(name) ? "yes" : "no", description ?? ""];
  });
  if (rows.length === 0) return "It takes no parameters.";
  return `Parameters, under ${code("with")}:\n\n${table(["Parameter", "Type", "Required", "Meaning"], rows)}`;
}
