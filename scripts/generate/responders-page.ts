import * as z from "zod";
import type { Responder } from "../../shared/responders/responder.ts";
import { code, generatedFrom, table } from "./markdown.ts";

export function respondersPage(responders: readonly Responder[]): string {
  return `${generatedFrom("shared/responders/")}
# Responders

A responder is one way to contain. Its id is what a playbook's step names.

${responders.map(section).join("\n")}`;
}

function takenBack({ irreversible, momentary }: Record<"irreversible" | "momentary", string | undefined>): string {
  if (irreversible !== undefined) return `no: ${irreversible}. By itself it is only shown; a person can run it by hand`;
  return momentary === undefined ? "yes, when its time ends" : `nothing to take back: ${momentary}`;
}

const kinds: Readonly<Record<Responder["kind"], string>> = {
  list: "an entry in a list that Portcullis keeps",
  command: "a request to a service, and one that takes it back",
};

function section({
  id,
  summary,
  kind,
  point,
  target,
  selectors,
  params,
  d3fend,
  irreversible,
  momentary,
  permissions,
}: Responder): string {
  const facts = [
    ["Kind", `${code(kind)}: ${kinds[kind]}`],
    ["Enforcement point", code(point)],
    ["Acts on", code(target)],
    ["Targets of a step", selectors.map(code).join(", ")],
    ["D3FEND", d3fend === undefined ? "none" : `[${d3fend}](https://d3fend.mitre.org/)`],
    ["Taken back", takenBack({ irreversible, momentary })],
  ];
  return `## ${id}

${summary}

${table(["", ""], facts)}

${parameters(params)}

Permissions:

${permissions.map((one) => `- ${"action" in one ? code(one.action) : `${code(one.appRole)} of ${one.api}`}`).join("\n")}
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
