import { randomUUID } from "node:crypto";
import type { Strike } from "../faults.ts";
import { ArmError } from "../resource-manager/arm-error.ts";
import type { CreateHost, HostCall } from "../simulated-host.ts";
import { accountRoutes } from "./account-routes.ts";
import { alertRoutes } from "./alert-routes.ts";
import { challengeClaims } from "./claims-challenge.ts";
import { directoryRoutes } from "./directory-routes.ts";
import { syncDirectory } from "./directory-sync.ts";
import { badRequest, GraphFailure, missingPermission, notSimulated, struck } from "./graph-failure.ts";
import { incidentRoutes } from "./incident-routes.ts";
import { createRequestLimit } from "./request-limit.ts";
import { riskRoutes } from "./risk-routes.ts";
import { roleRoutes } from "./role-routes.ts";
import { matchRoute } from "./route.ts";
import type { GraphState } from "./state.ts";
import { seen } from "./versions.ts";

const host = "graph.microsoft.com";
const version = "/v1.0";
const routes = [...alertRoutes, ...incidentRoutes, ...directoryRoutes, ...accountRoutes, ...riskRoutes, ...roleRoutes];

/** The reads that a write may not have reached yet: at these the fault `stale-read` can be aimed. */
export const staleGraphReads: readonly string[] = [
  "Graph_ListAlerts",
  "Graph_GetAlert",
  "Graph_GetIncident",
  "Graph_ListIncidentAlerts",
  "Graph_ListUsers",
  "Graph_GetUser",
  "Graph_GetServicePrincipal",
  "Graph_GetByIds",
  "Graph_GetRiskyUser",
  "Graph_GetRiskyServicePrincipal",
];

/** Not played: the application id of Microsoft Graph, which names it as well. */
const audiences = ["https://graph.microsoft.com", "https://graph.microsoft.com/"];

/**
 * Microsoft Graph v1.0 as far as alerts and incidents are read and kept, people looked up, and accounts disabled, signed out and called
 * compromised. Not played: batching, beta, licences, and whatever else a route's file names.
 */
export function createGraphHost(state: GraphState): CreateHost {
  return ({ clock, identity }) => {
    const spend = createRequestLimit(clock);
    const may = (...permissions: readonly string[]) =>
      state.permissions === undefined || permissions.some((one) => state.permissions?.includes(one));

    function serve({ method, url, header, text }: HostCall, strike: Strike): unknown {
      const token = authenticate(() => identity.authenticate(header("authorization"), audiences));
      challengeClaims(state, token);
      if (strike.refuse) throw struck(strike.refuse);
      const path = below(url);
      if (path !== undefined) spend(path, token.appid);
      const match = path === undefined ? undefined : matchRoute(routes, method, path);
      if (path === undefined || !match) throw notSimulated(`${method} ${url.pathname}`);
      const { route, params } = match;
      if (!may(...route.permissions)) throw missingPermission(path, route.permissions);
      const now = clock.now();
      syncDirectory(state, now);
      const read = { now, staleMs: state.staleReadMs ?? 0, stale: strike.staleRead };
      return route.answer({
        url,
        params,
        header,
        body: parse(text),
        state,
        app: token.appid,
        now,
        seen: (resources = []) => seen(resources, read),
        may,
      });
    }

    function routeOf(method: string, url: URL) {
      try {
        return matchRoute(routes, method, below(url) ?? "")?.route;
      } catch {
        return undefined;
      }
    }

    return {
      serves: (asked) => asked === host,
      operations: routes.map(({ operationId }) => operationId),
      operationOf: (method, url) => routeOf(method, url)?.operationId,
      permissionsOf: (method, url) => routeOf(method, url)?.permissions ?? [],
      answer(call, strike) {
        const id = randomUUID();
        const clientId = call.header("client-request-id") ?? id;
        const at = clock.now();
        const headers = { "request-id": id, "client-request-id": clientId, date: at.toUTCString() };
        try {
          const body = serve(call, strike);
          return { status: body === undefined ? 204 : 200, headers, body };
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

function parse(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest("Unable to read JSON request payload.");
  }
}
