import type { Clock } from "../../../shared/clock.ts";
import type { Api, ApiManagementService, Operation } from "../api-management/store.ts";
import { compileExpression } from "./expression.ts";
import type { RateCounters } from "./rate-counters.ts";

export interface InboundCall {
  api: Api;
  operation: Operation;
  method: string;
  clientIp: string;
  headers: Readonly<Record<string, string>>;
  /** Id of the subscription whose key the caller sent. */
  subscriptionId?: string | undefined;
}

/** What the gateway answers itself, without asking the backend. */
export interface GatewayAnswer {
  status: number;
  headers: [name: string, value: string][];
  body?: string;
  /** Named as in `context.LastError.Reason`, where a policy refused the call. */
  reason: "CallerIpBlocked" | "CallerIpNotAllowed" | "RateLimitExceeded" | "ReturnResponse";
}

/** One call on its way through the inbound policies. */
export interface Evaluation {
  service: ApiManagementService;
  call: InboundCall;
  counters: RateCounters;
  clock: Clock;
  variables: Map<string, string | boolean>;
  /** What the backend would see, and what expressions read; names in lower case. */
  requestHeaders: Map<string, string>;
  responseHeaders: [name: string, value: string][];
  /** Names of the elements that were not understood, and so not applied. */
  skipped: Set<string>;
}

const namedValue = /\{\{([A-Za-z0-9\-._]+)\}\}/g;

/** The value of an attribute or text: literal, named values filled in, or an expression's result; undefined when it cannot be known. */
export function readValue(evaluation: Evaluation, raw: string): string | boolean | undefined {
  const text = fillNamedValues(evaluation.service, raw);
  if (text === undefined) return undefined;

  const trimmed = text.trim();
  if (!trimmed.includes("@(") && !trimmed.includes("@{")) return text;
  if (!trimmed.startsWith("@(") || !trimmed.endsWith(")")) return undefined;
  const value = compileExpression(trimmed.slice(2, -1))?.read({
    apiId: evaluation.call.api.id,
    operationId: evaluation.call.operation.id,
    ipAddress: evaluation.call.clientIp,
    method: evaluation.call.method,
    subscriptionId: evaluation.call.subscriptionId ?? null,
    headers: evaluation.requestHeaders,
  });
  return value === null || typeof value === "object" ? "" : value;
}

export function readText(evaluation: Evaluation, raw: string | undefined): string | undefined {
  const value = raw === undefined ? undefined : readValue(evaluation, raw);
  return typeof value === "string" ? value : undefined;
}

export function readCondition(evaluation: Evaluation, raw: string | undefined): boolean | undefined {
  const value = raw === undefined ? undefined : readValue(evaluation, raw);
  if (typeof value === "boolean") return value;
  if (value === "true") return true;
  return value === "false" ? false : undefined;
}

/** Policies name a value by its display name; the service may rewrite that to the id when it stores the text. */
function fillNamedValues(service: ApiManagementService, raw: string): string | undefined {
  let complete = true;
  const text = raw.replace(namedValue, (_all, name: string) => {
    const found = [...service.namedValues.values()].find((value) => value.displayName === name || value.id === name);
    if (!found) complete = false;
    return found?.value ?? "";
  });
  return complete ? text : undefined;
}
