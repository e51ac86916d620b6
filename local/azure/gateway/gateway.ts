import { Hono } from "hono";
import type { Clock } from "../../../shared/clock.ts";
import type { ApiManagementService } from "../api-management/store.ts";
import { checkSubscription } from "./check-subscription.ts";
import { clientAddressHeader, readClientAddress } from "./client-address.ts";
import { evaluateInbound, type InboundResult } from "./evaluate-inbound.ts";
import { ExpressionFailed } from "./expression.ts";
import type { GatewayLog } from "./gateway-log.ts";
import { matchRoute, type Route } from "./match-route.ts";
import { createRateCounters } from "./rate-counters.ts";

/** Names the policy elements that were not understood and so not applied. Azure has no such header. */
const skippedHeader = "X-Simulated-Gateway-Skipped";

export interface GatewayOptions {
  clock: Clock;
  /** Told once about each set of elements that an operation's policies hold and the gateway does not play. */
  log?: (message: string) => void;
  gatewayLog?: GatewayLog;
  /** Ids of API Management subscriptions by their keys, for the log. */
  subscriptions?: ReadonlyMap<string, string>;
}

/**
 * The data plane: takes calls to the services' APIs and enforces the policies that the control plane stored, as far as it
 * understands them. APIs that require a subscription ask for a key of an active one, where the service has any.
 */
export function createGateway(services: ApiManagementService[], options: GatewayOptions): Hono {
  const counters = createRateCounters();
  const reported = new Set<string>();

  const reportSkipped = (route: Route, skipped: readonly string[]) => {
    const message =
      `simulated gateway: ${route.api.id}/${route.operation?.id}: not simulated, so not applied: ` +
      skipped.map(sanitize).join(", ");
    if (skipped.length === 0 || reported.has(message)) return;
    reported.add(message);
    options.log?.(message);
  };

  const gateway = new Hono();
  gateway.all("*", (context) => {
    const url = new URL(context.req.url);
    const method = context.req.method;
    const clientIp = readClientAddress(context);
    if (clientIp === undefined) return problem(400, `${clientAddressHeader} must hold one IPv4 or IPv6 address`);

    const route = matchRoute(servicesFor(services, context.req.header("host")), method, url);
    // Either place: https://learn.microsoft.com/azure/api-management/api-management-subscriptions#use-a-subscription-key
    const key = context.req.header("ocp-apim-subscription-key") ?? url.searchParams.get("subscription-key") ?? "";
    const keyCheck = route ? checkSubscription(route.service, route.api, key) : {};
    const subscription = keyCheck.subscription ?? options.subscriptions?.get(key);
    const finish = (response: Response, reason?: string) => {
      options.gatewayLog?.add({
        at: options.clock.now(),
        clientIp,
        method,
        path: url.pathname,
        ...(route && { service: route.service.id, api: route.api.id }),
        ...(route?.operation && { operation: route.operation.id }),
        ...(subscription !== undefined && { subscription }),
        status: response.status,
        ...(reason !== undefined && { reason }),
      });
      return response;
    };
    if (route?.sharedBy !== undefined) {
      const message =
        `${route.sharedBy} APIs have this path: versions that are told apart by query or header are not simulated. ` +
        "Version them by path segment, or give each a path of its own.";
      return finish(problem(501, message), "VersionNotSimulated");
    }
    if (!route?.operation) return finish(problem(404, "Resource not found"), "OperationNotFound");

    if (keyCheck.refusal !== undefined) return finish(problem(401, keyCheck.refusal), "SubscriptionKeyInvalid");

    const { service, api, operation } = route;
    const call = { api, operation, method, clientIp, headers: context.req.header(), subscriptionId: subscription };
    let result: InboundResult;
    try {
      result = evaluateInbound(service, call, counters, options.clock);
    } catch (error) {
      if (!(error instanceof ExpressionFailed)) throw error;
      return finish(problem(500, "Internal server error"), "ExpressionValueEvaluationFailure");
    }
    reportSkipped(route, result.skipped);
    return finish(toResponse(result, { api: api.id, operation: operation.id, method }), result.answer?.reason);
  });
  return gateway;
}

/** Whoever calls by a service's own host name means that service; a call to 127.0.0.1 may mean any. */
function servicesFor(
  services: readonly ApiManagementService[],
  host: string | undefined,
): readonly ApiManagementService[] {
  const named = services.filter((service) => service.gatewayHost.toLowerCase() === host?.toLowerCase());
  return named.length > 0 ? named : services;
}

function problem(statusCode: number, message: string): Response {
  return Response.json({ statusCode, message }, { status: statusCode });
}

function toResponse(result: InboundResult, fromBackend: Record<string, string>): Response {
  const { answer } = result;
  const headers = new Headers();
  for (const [name, value] of [...(answer?.headers ?? []), ...result.responseHeaders]) headers.append(name, value);
  if (result.skipped.length > 0) headers.set(skippedHeader, result.skipped.slice(0, 20).map(sanitize).join(", "));

  if (!answer) return Response.json(fromBackend, { headers });
  const bodyless = answer.status === 204 || answer.status === 205 || answer.status === 304;
  return new Response(bodyless ? null : (answer.body ?? null), { status: answer.status, headers });
}

function sanitize(elementName: string): string {
  return elementName.replace(/[^A-Za-z0-9\-_.:]/g, "?").slice(0, 60);
}
