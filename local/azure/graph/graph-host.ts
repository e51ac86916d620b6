import { randomUUID } from "node:crypto";
import type { Strike } from "../faults.ts";
import { ArmError } from "../resource-manager/arm-error.ts";
import type { CreateHost, HostCall } from "../simulated-host.ts";
import { alertRoutes } from "./alert-routes.ts";
import { directoryRoutes } from "./directory-routes.ts";
import { badRequest, GraphFailure, notSimulated } from "./graph-failure.ts";
import { createRequestLimit } from "./request-limit.ts";
import { roleRoutes } from "./role-routes.ts";
import { matchRoute } from "./route.ts";
import type { GraphState } from "./state.ts";

const host = "graph.microsoft.com";
const version = "/v1.0";
const routes = [...alertRoutes, ...directoryRoutes, ...roleRoutes];

/** Not played: the application id of Microsoft Graph, which names it as well. */
const audiences = ["https://graph.microsoft.com", "https://graph.microsoft.com/"];

/** Microsoft Graph v1.0 as far as alerts are polled and people looked up. Not played: batching, beta, continuous access evaluation. */
export function createGraphHost(state: GraphState): CreateHost {
  return ({ clock, identity }) => {
    const spend = createRequestLimit(clock);
    const may = (...permissions: readonly string[]) =>
      state.permissions === undefined || permissions.some((one) => state.permissions?.includes(one));

    function serve({ method, url, header, text }: HostCall, strike: Strike): unknown {
      const { appid } = authenticate(() => identity.authenticate(header("authorization"), audiences));
      if (strike.refuse) throw struck(strike.refuse);
      const path = below(url);
      if (path?.startsWith("/security/")) spend(appid);
      const match = path === undefined ? undefined : matchRoute(routes, method, path);
      if (!match) throw notSimulated(`${method} ${url.pathname}`);
      return match.route.answer({ url, params: match.params, header, body: parse(text), state, may });
    }

    return {
      serves: (asked) => asked === host,
      operations: routes.map(({ operationId }) => operationId),
      operationOf(method, url) {
        try {
          return matchRoute(routes, method, below(url) ?? "")?.route.operationId;
        } catch {
          return undefined;
        }
      },
      answer(call, strike) {
        const id = randomUUID();
        const clientId = call.header("client-request-id") ?? id;
        const at = clock.now();
        const headers = { "request-id": id, "client-request-id": clientId, date: at.toUTCString() };
        try {
          return { status: 200, headers, body: serve(call, strike) };
        } catch (error) {
          if (!(error instanceof GraphFailure)) throw error;
          const { status, code, message } = error;
          const innerError = { date: at.toISOString().slice(0, 19), "request-id": id, "client-request-id": clientId };
          return { status, headers: { ...headers, ...error.headers }, body: { error: { code, message, innerError } } };
        }
      },
    };
  };
}

function below({ pathname }: URL): string | undefined {
  return pathname.startsWith(`${version}/`) ? pathname.slice(version.length) : undefined;
}

/** The simulated identity says it in Resource Manager's words; these are Graph's. */
function authenticate<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    const message =
      error.code === "AuthenticationFailed"
        ? "Access token is empty."
        : error.code === "InvalidAuthenticationTokenAudience"
          ? "Access token validation failure. Invalid audience."
          : error.code === "ExpiredAuthenticationToken"
            ? "Lifetime validation failed, the token is expired."
            : "IDX14100: JWT is not well formed.";
    throw new GraphFailure(401, "InvalidAuthenticationToken", message);
  }
}

function struck({ status, retryAfterSeconds }: NonNullable<Strike["refuse"]>): GraphFailure {
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { "retry-after": `${retryAfterSeconds}` };
  switch (status) {
    case 409:
      return new GraphFailure(409, "Conflict", "The request conflicts with another one.", headers);
    case 412:
      return new GraphFailure(412, "PreconditionFailed", "The resource has changed.", headers);
    case 429:
      return new GraphFailure(429, "TooManyRequests", "Too many requests.", headers);
    case 500:
      return new GraphFailure(500, "InternalServerError", "The server encountered an internal error.", headers);
    case 503:
      return new GraphFailure(503, "ServiceUnavailable", "The service is temporarily unavailable.", headers);
  }
}

function parse(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest("Unable to read JSON request payload.");
  }
}
