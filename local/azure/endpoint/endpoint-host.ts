import { randomUUID } from "node:crypto";
import type { Strike } from "../faults.ts";
import { ArmError } from "../resource-manager/arm-error.ts";
import type { CreateHost, HostAnswer } from "../simulated-host.ts";
import { createCallQuota, type Exceeded } from "./call-quota.ts";
import type { EndpointState, SimulatedMachine } from "./endpoint-state.ts";
import { type MachineFilter, ODataProblem, parseMachineFilter } from "./machine-filter.ts";

const origin = "https://api.security.microsoft.com";

/** The service's older name, under which its tokens are still issued. */
const audiences = ["https://api.securitycenter.microsoft.com", "https://api.securitycenter.microsoft.com/"];

/** Of every API by itself: https://learn.microsoft.com/defender-endpoint/api/get-machines#limitations */
const limits = [
  { calls: 100, ms: 60_000 },
  { calls: 1500, ms: 3_600_000 },
];

const routes = [
  { operation: "Endpoint_ListMachines", path: /^\/api(?:\/v1\.0)?\/machines$/, permission: "Machine.Read.All" },
  {
    operation: "Endpoint_GetMachine",
    path: /^\/api(?:\/v1\.0)?\/machines\/([\w.-]+)$/,
    permission: "Machine.Read.All",
  },
  { operation: "Endpoint_GetAlert", path: /^\/api(?:\/v1\.0)?\/alerts\/([\w-]+)$/, permission: "Alert.Read.All" },
] as const;

/**
 * The reading part of Defender for Endpoint. Not played: everything that changes something (501, so that nobody takes it for done),
 * findbyip, lists of alerts, the regional hosts, `$select` and `$count`, and how long a machine's record lags behind the machine.
 */
export function createEndpointHost(state: EndpointState): CreateHost {
  return ({ clock, identity }) => {
    const quota = createCallQuota(clock, limits);
    return {
      serves: (host) => host === "api.security.microsoft.com",
      operations: routes.map(({ operation }) => operation),
      operationOf: (method, url) => routeOf(method, url)?.operation,
      permissionsOf: (method, url) => [routeOf(method, url)?.permission].filter((one) => one !== undefined),

      answer({ method, url, header }, strike) {
        try {
          identity.authenticate(header("authorization"), audiences);
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
        if (!state.permissions.has(route.permission)) {
          return fail(403, "Forbidden", `Missing application roles. API required roles: ${route.permission}.`);
        }
        const id = route.path.exec(url.pathname)?.[1] ?? "";
        switch (route.operation) {
          case "Endpoint_ListMachines":
            return listMachines(url.searchParams, state);
          case "Endpoint_GetMachine":
            return getMachine(id, state);
          case "Endpoint_GetAlert":
            return getAlert(id, url.searchParams, state);
        }
      },
    };
  };
}

function routeOf(method: string, url: URL) {
  return method === "GET" ? routes.find(({ path }) => path.test(url.pathname)) : undefined;
}

function listMachines(query: URLSearchParams, { machines, pageSize, mindsLetterCase }: EndpointState): HostAnswer {
  const unknown = [...query.keys()].find((name) => !["$filter", "$top", "$skip"].includes(name));
  if (unknown !== undefined) return fail(400, "ODataError", `The query parameter '${unknown}' is not supported.`);
  const top = readCount(query.get("$top"), Number.POSITIVE_INFINITY);
  const skip = readCount(query.get("$skip"), 0);
  if (top === undefined || skip === undefined || (Number.isFinite(top) && top > 10_000)) {
    return fail(400, "ODataError", "Invalid value for $top (at most 10000) or $skip.");
  }
  let filter: MachineFilter = () => true;
  try {
    const text = query.get("$filter");
    if (text !== null) filter = parseMachineFilter(text, mindsLetterCase);
  } catch (error) {
    if (error instanceof ODataProblem) return fail(400, "ODataError", error.message);
    throw error;
  }
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
      "@odata.context": `${origin}/api/$metadata#Machines`,
      value: matching.slice(skip, end),
      ...(end < matching.length && left > 0 ? { "@odata.nextLink": `${origin}/api/machines?${next}` } : {}),
    },
  };
}

/** By its id or, as documented, by its computer name. */
function getMachine(id: string, { machines }: EndpointState): HostAnswer {
  const isMachine = ({ id: own, computerDnsName }: SimulatedMachine) =>
    own === id.toLowerCase() || computerDnsName === id;
  const machine = machines.find(isMachine);
  if (!machine) return fail(404, "ResourceNotFound", `Machine ${id} was not found`);
  return { status: 200, body: { "@odata.context": `${origin}/api/$metadata#Machines/$entity`, ...machine } };
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
  return { status: 200, body: { "@odata.context": `${origin}/api/$metadata#Alerts/$entity`, ...alert, ...evidence } };
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

function fail(status: number, code: string, message: string): HostAnswer {
  return { status, body: { error: { code, message, target: randomUUID() } } };
}
