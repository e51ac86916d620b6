import { type Evaluation, type GatewayAnswer, readText } from "../evaluation.ts";
import type { PolicyElement } from "../policy-document.ts";
import { readHeader } from "./set-header.ts";

/** Ends the call with this answer. A part that cannot be read is left out and reported; that the call ends is certain. */
export function returnResponse(element: PolicyElement, evaluation: Evaluation): GatewayAnswer | undefined {
  // The answer would be one fetched by an earlier policy, which is not simulated.
  if (element.attributes.has("response-variable-name")) {
    evaluation.skipped.add("return-response");
    return undefined;
  }

  const answer: GatewayAnswer = { status: 200, headers: [], reason: "ReturnResponse" };
  for (const part of element.children) if (!applyPart(part, answer, evaluation)) evaluation.skipped.add(part.name);
  return answer;
}

function applyPart(part: PolicyElement, answer: GatewayAnswer, evaluation: Evaluation): boolean {
  if (part.name === "set-status") {
    const code = readText(evaluation, part.attributes.get("code"))?.trim() ?? "";
    if (!/^[2-5]\d\d$/.test(code)) return false;
    answer.status = Number(code);
    return true;
  }
  if (part.name === "set-header") {
    const header = readHeader(part, evaluation);
    if (!header) return false;
    answer.headers.push(...header.values.map((value): [string, string] => [header.name, value]));
    return true;
  }
  if (part.name !== "set-body" || part.attributes.has("template")) return false;
  const body = readText(evaluation, part.text);
  if (body === undefined) return false;
  answer.body = body;
  return true;
}
