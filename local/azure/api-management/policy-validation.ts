import type { ArmErrorDetail } from "../resource-manager/arm-error.ts";
import { checkElement } from "./element-rules.ts";
import { lookUp } from "./look-up.ts";
import { descendants, elementsOf, type MarkupElement } from "./markup/markup.ts";
import { branches, policyCatalogue, type Scope, type Section } from "./policy-catalogue.ts";
import { problemIn } from "./policy-problem.ts";
import type { ApiManagementService } from "./store.ts";

const sections: readonly string[] = ["inbound", "backend", "outbound", "on-error"] satisfies Section[];

interface Place {
  service: ApiManagementService;
  /** Undefined inside a fragment, which may be included anywhere. */
  section?: Section;
  scope?: Scope;
}

/** What is wrong with a policy document at a scope; empty when API Management would take it. */
export function policyProblems(root: MarkupElement, service: ApiManagementService, scope: Scope): ArmErrorDetail[] {
  if (root.name !== "policies") return [problemIn(root, "The root element of a policy document must be 'policies'.")];
  const seen = new Set<string>();
  // Documented for rate-limit alone: once in a policy definition.
  const repeated = Array.from(descendants(root))
    .filter(({ name }) => name === "rate-limit")
    .slice(1);
  const perSection = elementsOf(root).flatMap((element) => {
    const section = sectionOf(element.name);
    if (section === undefined) {
      return [
        problemIn(
          element,
          `The element 'policies' cannot contain it. List of possible elements expected: ${quoted(sections)}.`,
        ),
      ];
    }
    if (seen.has(section)) return [problemIn(element, "The section is given more than once.")];
    seen.add(section);
    return statementProblems(element, { service, section, scope });
  });
  return [
    ...perSection,
    ...repeated.map((element) => problemIn(element, "The policy can be used only once in a policy definition.")),
  ];
}

/** What is wrong with a fragment: it is a bare list of policies, without sections, base or another fragment. */
export function fragmentProblems(root: MarkupElement, service: ApiManagementService): ArmErrorDetail[] {
  if (root.name !== "fragment") return [problemIn(root, "The root element of a policy fragment must be 'fragment'.")];
  if (elementsOf(root).length === 0) return [problemIn(root, "A policy fragment must contain at least one policy.")];
  return statementProblems(root, { service });
}

function statementProblems(parent: MarkupElement, place: Place): ArmErrorDetail[] {
  return elementsOf(parent).flatMap((element) => {
    const placing = placingProblem(element, place);
    if (placing !== undefined) return [problemIn(element, placing)];
    const own = checkElement(element);
    if (policyCatalogue[element.name]?.holdsPolicies !== true) return own;
    const inner = branches[element.name];
    if (inner === undefined) return [...own, ...statementProblems(element, place)];
    const nested = elementsOf(element).flatMap((branch) =>
      inner.includes(branch.name)
        ? statementProblems(branch, place)
        : [
            problemIn(
              branch,
              `The element '${element.name}' cannot contain it. List of possible elements expected: ${quoted(inner)}.`,
            ),
          ],
    );
    return [...own, ...nested];
  });
}

function placingProblem(element: MarkupElement, { service, section, scope }: Place): string | undefined {
  const { name } = element;
  const rule = policyCatalogue[name];
  const inFragment = section === undefined;
  if (inFragment && sections.includes(name)) return "A policy fragment cannot contain section elements.";
  if (inFragment && (name === "base" || name === "include-fragment")) {
    return `A policy fragment cannot contain the element '${name}'.`;
  }
  if (rule === undefined) return "The element is not a known policy.";
  if (rule.notOn?.includes(service.sku)) return `Policy is not allowed in '${service.sku}' sku`;
  if (scope !== undefined && rule.scopes?.includes(scope) === false)
    return "Policy is not allowed in the specified scope";
  if (section !== undefined && rule.sections?.includes(section) === false) {
    return "Policy is not allowed in the specified section";
  }
  if (name !== "include-fragment") return undefined;
  const fragment = element.attributes.get("fragment-id") ?? "";
  return lookUp(service.fragments, fragment) === undefined
    ? `Policy fragment with id '${fragment}' could not be found.`
    : undefined;
}

function sectionOf(name: string): Section | undefined {
  return name === "inbound" || name === "backend" || name === "outbound" || name === "on-error" ? name : undefined;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(", ");
}
