import { type Evaluation, readText } from "../evaluation.ts";
import { isSendableHeader } from "../http-header.ts";
import type { PolicyElement } from "../policy-document.ts";

/** Name and values of a set-header element; undefined when one of them cannot be known or sent. */
export function readHeader(
  element: PolicyElement,
  evaluation: Evaluation,
): { name: string; values: string[] } | undefined {
  const name = readText(evaluation, element.attributes.get("name"));
  if (name === undefined) return undefined;

  const values: string[] = [];
  for (const child of element.children) {
    const value = child.name === "value" ? readText(evaluation, child.text)?.trim() : undefined;
    if (value === undefined || !isSendableHeader(name, value)) return undefined;
    values.push(value);
  }
  return isSendableHeader(name, "") ? { name, values } : undefined;
}

/** Inbound, the policy changes the request: later expressions read what it wrote. */
export function setRequestHeader(element: PolicyElement, evaluation: Evaluation): void {
  const header = readHeader(element, evaluation);
  const action = element.attributes.get("exists-action") ?? "override";
  if (!header || !["override", "skip", "append", "delete"].includes(action)) {
    evaluation.skipped.add("set-header");
    return;
  }

  const key = header.name.toLowerCase();
  const present = evaluation.requestHeaders.get(key);
  if (action === "delete") evaluation.requestHeaders.delete(key);
  else if (action === "append") evaluation.requestHeaders.set(key, [present ?? [], header.values].flat().join(","));
  else if (action === "override" || present === undefined) evaluation.requestHeaders.set(key, header.values.join(","));
}
