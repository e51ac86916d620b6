import type { Strike } from "../faults.ts";
import { ArmError } from "../resource-manager/arm-error.ts";
import type { CreateHost, HostAnswer } from "../simulated-host.ts";
import { actionRoutes } from "./action-routes.ts";
import { createCallQuota, type Exceeded } from "./call-quota.ts";
import { fail } from "./endpoint-failure.ts";
import { endpointOrigin } from "./endpoint-origin.ts";
import type { EndpointRoute } from "./endpoint-route.ts";
import type { EndpointState, SimulatedMachine } from "./endpoint-state.ts";
import { indicatorRoutes } from "./indicator-routes.ts";
import { type MachineFilter, ODataProblem, parseMachineFilter } from "./machine-filter.ts";

/** The service's older name, under which its tokens are still issued. */
const audiences = ["https://api.securitycenter.microsoft.com", "https://api.securitycenter.microsoft.com/"];

/** Of every API by itself: https://learn.microsoft.com/defender-endpoint/api/get-machines#limitations */
const limits = [
  { calls: 100, ms: 60_000 },
  { calls: 1500, ms: 3_600_000 },
];

const machineReads = ["Machine.Read.All"] as const;
const routes: readonly EndpointRoute[] = [
  {
    operation: "Endpoint_ListMachines",
    method: "GET",
    path: /^\/api(?:\/v1\.0)?\/machines$/,
    permissions: machineReads,
    answer: ({ query, state }) => listMachines(query, state),
  },
  {
    operation: "Endpoint_GetMachine",
    method: "GET",
    path: /^\/api(?:\/v1\.0)?\/machines\/([\w.-]+)$/,
    permissions: machineReads,
    answer: ({ id, state }) => getMachine(id, state),
  },
  {
    operation: "Endpoint_GetAlert",
    method: "GET",
    path: /^\/api(?:\/v1\.0)?\/alerts\/([\w-]+)$/,
    permissions: ["Alert.Read.All"],
    answer: ({ id, query, state }) => getAlert(id, query, state),
  },
  ...actionRoutes,
  ...indicatorRoutes,
];

/**
 * Defender for Endpoint, as far as alerts and machines are read and machines and indicators acted on. Not played: findbyip, lists of
 * alerts and their updates, the regional hosts, `$select` and `$count`, how long a machine's record lags behind the machine, and what
 * the files of its routes name.
 */
export function createEndpointHost(state: EndpointState): CreateHost {
  return ({ clock, identity }) => {
    const quota = createCallQuota(clock, limits);
    return {
      serves: (host) => host === "api.security.microsoft.com",
      operations: routes.map(({ operation }) => operation),
      operationOf: (method, url) => routeOf(method, url)?.operation,
      permissionsOf: (method, url) => routeOf(method, url)?.permissions ?? [],

      answer({ method, url, header, text }, strike) {
        let caller: string;
        try {
          caller = identity.authenticate(header("authorization"), audiences).appid;
        } catch (error) {
          return refuse(error);
        }
        const route = routeOf(method, url);
        if (!route) {
          const message = `The simulated Defender for Endpoint does not play ${method} ${url.pathname}; nothing was done.`;
          return fail(501, "NotSimulated", message);
        }
        if (strike.refuse) return struck(strike.refuse);
        const exceeded = quota.spend(route.operation);
        if (exceeded) return throttled(exceeded);
        if (!route.permissions.some((one) => state.permissions.has(one))) {
          return fail(
            403,
            "Forbidden",
            `Missing application roles. API required roles: ${route.permissions.join(", ")}.`,
          );
        }
        const id = route.path.exec(url.pathname)?.[1] ?? "";
        try {
          return route.answer({ id, query: url.searchParams, body: parse(text), state, now: clock.now(), caller });
        } catch (error) {
          if (error instanceof ODataProblem) return fail(400, "ODataError", error.message);
          if (error instanceof SyntaxError) return fail(400, "InvalidRequestBody", "The body is no JSON.");
          throw error;
        }
      },
    };
  };
}

function parse(text: string): unknown {
  return text === "" ? undefined : JSON.parse(text);
}

function routeOf(method: string, url: URL): EndpointRoute | undefined {
  return routes.find((route) => route.method === method && route.path.test(url.pathname));
}

function listMachines(query: URLSearchParams, { machines, pageSize, mindsLetterCase }: EndpointState): HostAnswer {
  const unknown = [...query.keys()].find((name) => !["$filter", "$top", "$skip"].includes(name));
  if (unknown !== undefined) return fail(400, "ODataError", `The query parameter '${unknown}' is not supported.`);
  const top = readCount(query.get("$top"), Number.POSITIVE_INFINITY);
  const skip = readCount(query.get("$skip"), 0);
  if (top === undefined || skip === undefined || (Number.isFinite(top) && top > 10_000)) {
    return fail(400, "ODataError", "Invalid value for $top (at most 10000) or $skip.");
  }
  const text = query.get("$filter");
  const filter: MachineFilter = text === null ? () => true : parseMachineFilter(text, mindsLetterCase);
  // Promised for a tenant without recent machines. What a filter gives that matches none is not documented; here, an empty list.
  if (machines.length === 0) return fail(404, "ResourceNotFound", "No machines were found.");
  const matching = machines.filter(filter);
  const end = Math.min(skip + Math.min(top, pageSize), matching.length);
  const left = top - (end - skip);
  const next = new URLSearchParams(query);
  next.set("$skip", String(end));
  if (Number.isFinite(left)) next.set("$top", String(left));
  return {
    status: 200,
    body: {
      "@odata.context": `${endpointOrigin}/api/$metadata#Machines`,
      value: matching.slice(skip, end),
      ...(end < matching.length && left > 0 ? { "@odata.nextLink": `${endpointOrigin}/api/machines?${next}` } : {}),
    },
  };
}

/** By its id or, as documented, by its computer name. */
function getMachine(id: string, { machines }: EndpointState): HostAnswer {
  const isMachine = ({ id: own, computerDnsName }: SimulatedMachine) =>
    own === id.toLowerCase() || computerDnsName === id;
  const machine = machines.find(isMachine);
  if (!machine) return fail(404, "ResourceNotFound", `Machine ${id} was not found`);
  return { status: 200, body: { "@odata.context": `${endpointOrigin}/api/$metadata#Machines/$entity`, ...machine } };
}

function getAlert(id: string, query: URLSearchParams, { alerts, expandsOneAlert }: EndpointState): HostAnswer {
  const expand = query.get("$expand");
  if ((expand !== null && expand !== "evidence") || [...query.keys()].some((name) => name !== "$expand")) {
    return fail(400, "ODataError", "Of an alert only $expand=evidence can be asked for.");
  }
  if (expand !== null && !expandsOneAlert) return fail(400, "ODataError", "An alert is not asked for with $expand.");
  const alert = alerts.find((one) => one.id === id);
  if (!alert) return fail(404, "ResourceNotFound", `Alert ${id} was not found`);
  const evidence = expand === null ? { evidence: [] } : {};
  return {
    status: 200,
    body: { "@odata.context": `${endpointOrigin}/api/$metadata#Alerts/$entity`, ...alert, ...evidence },
  };
}

function readCount(text: string | null, absent: number): number | undefined {
  if (text === null) return absent;
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** The code is the text "429", as real answers have it, not the documented TooManyRequests (MicrosoftDocs/microsoft-365-docs#4616). */
function throttled({ calls, ms, waitMs }: Exceeded): HostAnswer {
  const message = `API calls quota exceeded! maximum allowed ${calls} per ${ms > 60_000 ? "01:00:00" : "00:01:00"}`;
  return { ...fail(429, "429", message), headers: { "retry-after": String(Math.ceil(waitMs / 1000)) } };
}

function struck({ status, retryAfterSeconds }: NonNullable<Strike["refuse"]>): HostAnswer {
  const code = status === 429 ? "429" : status >= 500 ? "InternalServerError" : "BadRequest";
  const headers = retryAfterSeconds === undefined ? {} : { headers: { "retry-after": String(retryAfterSeconds) } };
  return { ...fail(status, code, "Refused because it was asked for."), ...headers };
}

/** A token for another service is a valid token without a right here: 403, not 401. */
function refuse(error: unknown): HostAnswer {
  if (!(error instanceof ArmError)) throw error;
  if (error.code === "InvalidAuthenticationTokenAudience") return fail(403, "Forbidden", error.message);
  return fail(401, "Unauthorized", error.message);
}
