import { Severity } from "../../shared/alerts/alert.ts";
import type { Playbook, Step } from "../../shared/playbooks/playbook.ts";
import { defenderForApis } from "./defender-for-apis.ts";
import { code, generatedFrom, table } from "./markdown.ts";

export function playbooksPage(playbooks: readonly Playbook[]): string {
  const coverage = defenderForApis.map(({ type, severity, attacker }) => {
    const answering = playbooks.filter(
      ({ when }) =>
        when?.source === "defender-for-cloud" &&
        when.types.some((listed) => listed.toLowerCase() === type.toLowerCase()) &&
        Severity.options.indexOf(severity) >= Severity.options.indexOf(when.severity),
    );
    return [
      code(type),
      severity,
      attacker,
      answering.map(({ name }) => `[${name}](#${name})`).join(", ") || "none",
      answering.flatMap(({ steps }) => steps.map(shortly)).join("; "),
    ];
  });
  return `${generatedFrom("playbooks/*.yaml")}
# Playbooks that ship

## Coverage of Defender for APIs

What is done in enforce mode. ${code("PORTCULLIS_MODE=observe")}, the default, turns every step into one that only shows its plan.

${table(["Alert type", "Severity", "Names", "Playbook", "Steps"], coverage)}

${playbooks.map(section).join("\n")}`;
}

function section({ name, summary, when, steps }: Playbook): string {
  const rows = steps.map(({ responder, target, scope, duration, mode, with: params, because }) => [
    `[${responder}](responders.md#${responder})`,
    target,
    scope ?? "",
    duration,
    mode,
    parameters(params),
    because,
  ]);
  return `## ${name}

${summary}.

${when ? `Answers ${when.types.map(code).join(", ")} of ${when.source}, ${when.severity} and above.` : `Run by hand: ${code(`POST /api/playbooks/${name}/run`)}.`}

${table(["Responder", "Target", "Scope", "For", "Mode", "With", "Because"], rows)}
`;
}

function shortly({ responder, scope, duration, mode, with: params }: Step): string {
  const how = [parameters(params), mode === "observe" ? "observe only" : ""].filter(Boolean);
  return `${responder}${scope === undefined ? "" : ` on the ${scope}`} for ${duration}${how.length > 0 ? ` (${how.join(", ")})` : ""}`;
}

function parameters(params: Readonly<Record<string, unknown>>): string {
  return Object.entries(params)
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
    .join(", ");
}
