import type { ArmErrorDetail } from "../resource-manager/arm-error.ts";
import { expressionEnd, startsExpression } from "./markup/expression-end.ts";
import { descendants, type MarkupElement, textOf } from "./markup/markup.ts";
import { problemIn } from "./policy-problem.ts";

/**
 * Attributes and texts that start a policy expression which does not end where they do. `rawxml` cannot be read past one that
 * never closes; in `xml` it is well-formed all the same, so it is looked for in the tree.
 */
export function expressionProblems(root: MarkupElement): ArmErrorDetail[] {
  return Array.from(descendants(root)).flatMap((element) => {
    const attributes = Array.from(element.attributes)
      .filter(([, value]) => isBroken(value))
      .map(([name]) => problemIn(element, `The '${name}' attribute is invalid - ${reason}`));
    return isBroken(textOf(element)) ? [...attributes, problemIn(element, reason)] : attributes;
  });
}

const reason =
  "The policy expression is not closed where the value ends: a bracket or a quote is missing or left over.";

function isBroken(value: string): boolean {
  const text = value.trim();
  return startsExpression(text, 0) && expressionEnd(text, 0) !== text.length;
}
