import type { ArmErrorDetail } from "../resource-manager/arm-error.ts";
import { descendants, type MarkupElement } from "./markup/markup.ts";
import { problemIn } from "./policy-problem.ts";
import type { NamedValue } from "./store.ts";

// The published pattern of a named value's display name.
const reference = /\{\{([A-Za-z0-9-._]+)\}\}/g;

/** `{{name}}` that names nothing. Policies refer to the display name, in its exact letter case; the id is taken too. */
export function namedValueProblems(root: MarkupElement, values: ReadonlyMap<string, NamedValue>): ArmErrorDetail[] {
  const known = new Set(Array.from(values.values()).flatMap(({ id, displayName }) => [id, displayName]));
  return Array.from(descendants(root)).flatMap((element) => {
    const unknown = referencesIn(element).filter((name) => !known.has(name));
    return unknown.map((name) => problemIn(element, `Cannot find a property '${name}'`));
  });
}

function referencesIn(element: MarkupElement): string[] {
  // In a Liquid template the same braces mean the template's own variables.
  const liquid = element.name === "set-body" && element.attributes.get("template") === "liquid";
  const texts = element.children.flatMap((child) =>
    !liquid && (child.kind === "text" || child.kind === "cdata") ? [child.value] : [],
  );
  return [...element.attributes.values(), ...texts].flatMap((text) =>
    Array.from(text.matchAll(reference), (match) => match[1] ?? ""),
  );
}
