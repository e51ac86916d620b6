import type { Clock } from "../../../shared/clock.ts";
import type { ApiManagementService } from "../api-management/store.ts";
import { type Evaluation, type GatewayAnswer, type InboundCall, readCondition, readText } from "./evaluation.ts";
import { ipFilter } from "./policies/ip-filter.ts";
import { rateLimitByKey } from "./policies/rate-limit-by-key.ts";
import { returnResponse } from "./policies/return-response.ts";
import { setRequestHeader } from "./policies/set-header.ts";
import { setVariable } from "./policies/set-variable.ts";
import { type PolicyElement, parsePolicyDocument } from "./policy-document.ts";
import type { RateCounters } from "./rate-counters.ts";

export interface InboundResult {
  /** Absent when the call goes through to the backend. */
  answer?: GatewayAnswer;
  responseHeaders: [name: string, value: string][];
  variables: ReadonlyMap<string, string | boolean>;
  skipped: string[];
}

/** What `<base/>` stands for where the elements are written; undefined where it has no meaning. */
type Base = (() => GatewayAnswer | undefined) | undefined;

/**
 * Plays the inbound section of the policies in force for a call: operation, API, global, each pulled in by the `<base/>` of
 * the narrower one. The product scope is left out, for which product a call belongs to is told by a subscription key, and
 * the simulator asks for none. The other sections (backend, outbound, on-error) are not played.
 */
export function evaluateInbound(
  service: ApiManagementService,
  call: InboundCall,
  counters: RateCounters,
  clock: Clock,
): InboundResult {
  const evaluation: Evaluation = {
    service,
    call,
    counters,
    clock,
    variables: new Map(),
    requestHeaders: new Map(Object.entries(call.headers).map(([name, value]) => [name.toLowerCase(), value])),
    responseHeaders: [],
    skipped: new Set(),
  };
  const scopes = [`apis/${call.api.id}/operations/${call.operation.id}`, `apis/${call.api.id}`, ""];
  const answer = playScopes(scopes, evaluation);
  return {
    ...(answer && { answer }),
    responseHeaders: evaluation.responseHeaders,
    variables: evaluation.variables,
    skipped: [...evaluation.skipped],
  };
}

function playScopes(scopes: readonly string[], evaluation: Evaluation): GatewayAnswer | undefined {
  const [scope, ...broader] = scopes;
  if (scope === undefined) return undefined;

  const base = () => playScopes(broader, evaluation);
  const stored = findPolicy(evaluation.service, scope);
  if (stored === undefined) return base();

  const document = parsePolicyDocument(stored);
  if (document?.name !== "policies") {
    evaluation.skipped.add("policies");
    return base();
  }
  const inbound = document.children.find((section) => section.name === "inbound");
  return playElements(inbound?.children ?? [], evaluation, base);
}

/** Ids are compared without case, as Azure does. */
function findPolicy(service: ApiManagementService, scope: string): string | undefined {
  const exact = service.policies.get(scope);
  if (exact) return exact.xml;
  const wanted = scope.toLowerCase();
  for (const [key, document] of service.policies) if (key.toLowerCase() === wanted) return document.xml;
  return undefined;
}

function playElements(
  elements: readonly PolicyElement[],
  evaluation: Evaluation,
  base: Base,
): GatewayAnswer | undefined {
  for (const element of elements) {
    const answer = playElement(element, evaluation, base);
    if (answer) return answer;
  }
  return undefined;
}

function playElement(element: PolicyElement, evaluation: Evaluation, base: Base): GatewayAnswer | undefined {
  switch (element.name) {
    case "base":
      if (base) return base();
      break;
    case "include-fragment":
      return playFragment(element, evaluation, base);
    case "choose":
      return playChoose(element, evaluation, base);
    case "ip-filter":
      return ipFilter(element, evaluation);
    case "rate-limit-by-key":
      return rateLimitByKey(element, evaluation);
    case "return-response":
      return returnResponse(element, evaluation);
    case "set-header":
      setRequestHeader(element, evaluation);
      return undefined;
    case "set-variable":
      setVariable(element, evaluation);
      return undefined;
  }
  evaluation.skipped.add(element.name);
  return undefined;
}

/** A fragment holds no `<base/>` and no other fragment, so it is played without a base, and one without a base includes none. */
function playFragment(element: PolicyElement, evaluation: Evaluation, base: Base): GatewayAnswer | undefined {
  const id = readText(evaluation, element.attributes.get("fragment-id"))?.toLowerCase();
  const found = [...evaluation.service.fragments].find(([key]) => key.toLowerCase() === id);
  const fragment = found && parsePolicyDocument(found[1].xml);
  if (!base || fragment?.name !== "fragment") {
    evaluation.skipped.add("include-fragment");
    return undefined;
  }
  return playElements(fragment.children, evaluation, undefined);
}

function playChoose(element: PolicyElement, evaluation: Evaluation, base: Base): GatewayAnswer | undefined {
  for (const branch of element.children) {
    if (branch.name === "otherwise") return playElements(branch.children, evaluation, base);

    const condition =
      branch.name === "when" ? readCondition(evaluation, branch.attributes.get("condition")) : undefined;
    if (condition === undefined) evaluation.skipped.add(branch.name);
    if (condition) return playElements(branch.children, evaluation, base);
  }
  return undefined;
}
