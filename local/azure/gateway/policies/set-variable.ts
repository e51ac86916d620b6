import { type Evaluation, readText, readValue } from "../evaluation.ts";
import type { PolicyElement } from "../policy-document.ts";

export function setVariable(element: PolicyElement, evaluation: Evaluation): void {
  const name = readText(evaluation, element.attributes.get("name"));
  const value = readValue(evaluation, element.attributes.get("value") ?? "");
  if (name === undefined || value === undefined) evaluation.skipped.add("set-variable");
  else evaluation.variables.set(name, value);
}
