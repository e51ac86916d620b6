import { createCallQuota } from "../endpoint/call-quota.ts";
import { ArmError } from "../resource-manager/arm-error.ts";
import type { CreateHost, HostAnswer, HostCall } from "../simulated-host.ts";
import { AlertQuery, findAlerts } from "./alert-query.ts";
import { closeAlerts, closings } from "./close-alerts.ts";
import type { CloudAppsState } from "./cloud-apps-state.ts";

/** "Microsoft Cloud App Security": https://learn.microsoft.com/defender-cloud-apps/api-authentication-application */
const audiences = ["05a65629-4c1b-48c1-a78b-804c4abdd4af"];

/** https://learn.microsoft.com/defender-cloud-apps/api-authentication-application#supported-permission-scopes */
const readers = ["Investigation.read", "Investigation.manage", "Discovery.read", "Discovery.manage"];
const closers = ["Investigation.manage", "Discovery.manage"];

/** https://learn.microsoft.com/defender-cloud-apps/api-introduction#limits */
const largestPage = 100;
const limits = [{ calls: 30, ms: 60_000 }];

interface Route {
  operation: string;
  methods: readonly string[];
  path: RegExp;
  permissions: readonly string[];
  answer(call: HostCall, id: string, state: CloudAppsState, now: Date): HostAnswer;
}

const routes: readonly Route[] = [
  {
    operation: "CloudApps_ListAlerts",
    methods: ["GET", "POST"],
    path: /^\/api\/v1\/alerts\/$/,
    permissions: readers,
    answer: (call, _, state, now) => listAlerts(call, state, now.getTime()),
  },
  {
    operation: "CloudApps_FetchAlert",
    methods: ["GET"],
    path: /^\/api\/v1\/alerts\/([0-9a-f]{24})\/$/,
    permissions: readers,
    answer(_, id, { alerts }) {
      const alert = alerts.find(({ _id }) => _id === id);
      return alert ? { status: 200, body: alert } : fail(404, "Not found.");
    },
  },
  ...closings.map(
    (closing): Route => ({
      operation: `CloudApps_${closing.operation}`,
      methods: ["POST"],
      path: new RegExp(`^/api/v1/alerts/${closing.verb}/$`),
      permissions: closers,
      answer: (call, _, state, now) => closeAlerts(call.text, closing, state, now),
    }),
  ),
];

/**
 * Alerts of Defender for Cloud Apps, read and closed, of one tenant under every `*.portal.cloudappsecurity.com`. Not played: the tokens
 * that people make in the portal (`Authorization: Token …`), form data, read and unread, entities, and all else (501).
 *
 * Microsoft documents no error of this API: that more than 30 calls a minute get a 429 without Retry-After, and what the bodies say, is
 * assumed (MicrosoftDocs/CloudAppSecurityDocs#628 asks and got no answer).
 */
export function createCloudAppsHost(state: CloudAppsState): CreateHost {
  return ({ clock, identity }) => {
    const quota = createCallQuota(clock, limits);
    return {
      serves: (host) => host.endsWith(".portal.cloudappsecurity.com"),
      operations: routes.map(({ operation }) => operation),
      operationOf: (method, { pathname }) => routeOf(method, pathname)?.operation,
      permissionsOf: (method, { pathname }) => routeOf(method, pathname)?.permissions ?? [],

      answer(call, strike) {
        try {
          identity.authenticate(call.header("authorization"), audiences);
        } catch (error) {
          if (!(error instanceof ArmError)) throw error;
          return fail(error.code === "InvalidAuthenticationTokenAudience" ? 403 : 401, error.message);
        }
        if (strike.refuse) {
          const { status, retryAfterSeconds: seconds } = strike.refuse;
          const headers = seconds === undefined ? {} : { headers: { "retry-after": String(seconds) } };
          return { ...fail(status, "Refused because it was asked for."), ...headers };
        }
        if (quota.spend("tenant")) return fail(429, "Request was throttled.");
        const { pathname } = call.url;
        const route = routeOf(call.method, pathname);
        if (route === undefined) {
          const message = `The simulated Defender for Cloud Apps does not play ${call.method} ${pathname}; nothing was done. Every route ends in a slash.`;
          return fail(501, message);
        }
        if (!route.permissions.some((role) => state.permissions.has(role))) {
          return fail(403, "You do not have permission to perform this action.");
        }
        return route.answer(call, route.path.exec(pathname)?.[1] ?? "", state, clock.now());
      },
    };
  };
}

function routeOf(method: string, pathname: string): Route | undefined {
  return routes.find(({ methods, path }) => methods.includes(method) && path.test(pathname));
}

function listAlerts(call: HostCall, { alerts }: CloudAppsState, now: number): HostAnswer {
  const query = AlertQuery.safeParse(call.method === "GET" ? inQuery(call.url.searchParams) : inBody(call));
  if (!query.success) return fail(400, problemsOf(query.error));
  const { skip } = query.data;
  // A larger limit is not refused, but no answer holds more.
  const end = skip + Math.min(query.data.limit, largestPage);
  const found = findAlerts(alerts, query.data, now);
  const data = found.slice(skip, end);
  const page = { data, hasNext: end < found.length, max: data.length, total: found.length, moreThanTotal: false };
  return { status: 200, body: page };
}

function problemsOf({ issues }: { issues: { path: PropertyKey[]; message: string }[] }): string {
  return issues.map(({ path, message }) => `${path.map(String).join(".")}: ${message}`).join("; ");
}

/** The parameters of a GET stand in its address, `filters` as JSON. */
function inQuery(parameters: URLSearchParams): unknown {
  const entries = [...parameters].map(([name, text]) => {
    if (name === "filters") return [name, parse(text)];
    return [name, name === "skip" || name === "limit" ? Number(text) : text];
  });
  return Object.fromEntries(entries);
}

function inBody({ text, header }: HostCall): unknown {
  if (text === "") return {};
  return /^application\/json\b/i.test(header("content-type") ?? "") ? parse(text) : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function fail(status: number, detail: string): HostAnswer {
  return { status, body: { detail } };
}
