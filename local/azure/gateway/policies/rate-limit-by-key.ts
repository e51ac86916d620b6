import { type Evaluation, type GatewayAnswer, readText } from "../evaluation.ts";
import { isSendableHeader } from "../http-header.ts";
import type { PolicyElement } from "../policy-document.ts";
import { longestRenewalSeconds } from "../rate-counters.ts";

/** These make counting depend on the response or on numbers in C#; with one of them the policy is not understood. */
const notUnderstood = ["increment-condition", "increment-count"];

/** https://learn.microsoft.com/azure/api-management/rate-limit-by-key-policy */
export function rateLimitByKey(element: PolicyElement, evaluation: Evaluation): GatewayAnswer | undefined {
  const calls = readCount(evaluation, element.attributes.get("calls"));
  const seconds = readCount(evaluation, element.attributes.get("renewal-period"));
  const key = readText(evaluation, element.attributes.get("counter-key"));
  const foreign = notUnderstood.some((name) => element.attributes.has(name));
  if (calls === undefined || seconds === undefined || seconds > longestRenewalSeconds || key === undefined || foreign) {
    evaluation.skipped.add("rate-limit-by-key");
    return undefined;
  }

  const verdict = evaluation.counters.hit(key, calls, seconds, evaluation.clock.now());
  const header = (attribute: string, value: number): [string, string][] => {
    const name = element.attributes.get(attribute);
    return name !== undefined && isSendableHeader(name, "") ? [[name, String(value)]] : [];
  };
  evaluation.responseHeaders.push(
    ...header("remaining-calls-header-name", verdict.remaining),
    ...header("total-calls-header-name", calls),
  );
  if (verdict.allowed) return undefined;

  const wait = verdict.retryAfterSeconds;
  return {
    status: 429,
    headers: [
      ["Content-Type", "application/json"],
      ["Retry-After", String(wait)],
      ...header("retry-after-header-name", wait),
    ],
    body: JSON.stringify({ statusCode: 429, message: `Rate limit is exceeded. Try again in ${wait} seconds.` }),
    reason: "RateLimitExceeded",
  };
}

function readCount(evaluation: Evaluation, raw: string | undefined): number | undefined {
  const text = readText(evaluation, raw)?.trim() ?? "";
  return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined;
}
