import * as z from "zod";
import { AppNotLoadable, type Log, type RegisteredFunction } from "./functions-core.ts";
import type { HttpAnswer, HttpCall } from "./http-server.ts";
import { invokeFunction } from "./invoke-function.ts";

const HttpTrigger = z.looseObject({ methods: z.array(z.string()), route: z.string().optional() });

interface Route {
  fn: RegisteredFunction;
  methods: readonly string[];
  pattern: URLPattern;
  template: string;
  /** Compared segment by segment: a literal goes before a parameter, a parameter before a catch-all. */
  precedence: string;
}

const parameter = /\{(\*{0,2})([A-Za-z_]\w*)(\??)\}/g;

/** A segment of an ASP.NET route template as a segment of a URLPattern. */
function segmentPattern(segment: string, name: string): { pattern: string; rank: string } {
  const whole = /^\{(\*{0,2})([A-Za-z_]\w*)(\??)\}$/.exec(segment);
  if (whole) {
    const [, stars, id, optional] = whole;
    return stars ? { pattern: `/:${id}(.*)?`, rank: "5" } : { pattern: `/:${id}${optional}`, rank: "3" };
  }
  const rest = segment.replaceAll(parameter, "");
  if (/[{}]/.test(rest) || /\{\*|\?\}/.test(segment)) {
    throw new AppNotLoadable(
      `The local host does not support "${segment}" in the route of function "${name}" (constraints, defaults).`,
    );
  }
  const literal = (text: string) => text.replace(/[+*?(){}:\\]/g, "\\$&");
  let pattern = "/";
  let from = 0;
  for (const match of segment.matchAll(parameter)) {
    pattern += `${literal(segment.slice(from, match.index))}:${match[2]}`;
    from = match.index + match[0].length;
  }
  return { pattern: pattern + literal(segment.slice(from)), rank: from === 0 ? "1" : "2" };
}

function routeOf(fn: RegisteredFunction, prefix: string): Route {
  const trigger = HttpTrigger.parse(fn.trigger);
  const template = [prefix, trigger.route ?? fn.name].filter(Boolean).join("/");
  const segments = template
    .split("/")
    .filter(Boolean)
    .map((segment) => segmentPattern(segment, fn.name));
  const pathname = segments.map(({ pattern }) => pattern).join("") || "/";
  return {
    fn,
    methods: trigger.methods.map((method) => method.toUpperCase()),
    pattern: new URLPattern({ pathname }, { ignoreCase: true }),
    template: template.toLowerCase().replaceAll(parameter, "{}"),
    precedence: segments.map(({ rank }) => rank).join(""),
  };
}

export interface HttpRoutes {
  /** The function for a request and its route parameters. Azure answers 404 to a method that no function takes, not 405. */
  find(call: HttpCall): { fn: RegisteredFunction; params: Record<string, string> } | undefined;
}

export function createHttpRoutes(functions: readonly RegisteredFunction[], prefix: string): HttpRoutes {
  const routes = functions.filter((fn) => fn.trigger.type === "httpTrigger").map((fn) => routeOf(fn, prefix));
  routes.sort((a, b) => (a.precedence < b.precedence ? -1 : a.precedence > b.precedence ? 1 : 0));
  for (const [index, route] of routes.entries()) {
    const same = routes
      .slice(0, index)
      .find(
        (other) => other.template === route.template && other.methods.some((method) => route.methods.includes(method)),
      );
    if (same)
      throw new AppNotLoadable(
        `Functions "${same.fn.name}" and "${route.fn.name}" have the same route ${route.template}.`,
      );
  }
  return {
    find({ method, url }) {
      const pathname = url.pathname.length > 1 ? url.pathname.replace(/\/$/, "") : url.pathname;
      for (const route of routes) {
        if (!route.methods.includes(method)) continue;
        const groups = route.pattern.exec({ pathname })?.pathname.groups;
        if (!groups) continue;
        const params = Object.entries(groups).flatMap(([name, value]) =>
          value ? [[name, decodeURIComponent(value)]] : [],
        );
        return { fn: route.fn, params: Object.fromEntries(params) };
      }
      return undefined;
    },
  };
}

const HttpResponse = z.looseObject({
  statusCode: z.coerce.number().default(200),
  headers: z.record(z.string(), z.string()).default({}),
  cookies: z.array(z.unknown()).default([]),
  body: z.looseObject({ bytes: z.instanceof(Uint8Array).optional() }).nullish(),
});

/**
 * `authLevel` is not enforced, exactly as under `func start`: keys exist in Azure only. What stands between this host and
 * the network is that it listens on loopback and checks the Host header.
 */
export async function callHttpFunction(
  { fn, params }: { fn: RegisteredFunction; params: Record<string, string> },
  call: HttpCall,
  host: { log: Log; clientBinding: string },
): Promise<HttpAnswer> {
  const query: Record<string, string> = {};
  for (const [name, value] of call.url.searchParams) {
    query[name] = name in query ? `${query[name]},${value}` : value;
  }
  const { method, headers } = call;
  const http = { method, url: call.url.href, headers, params, query, body: { bytes: call.body } };
  try {
    const { returnValue } = await invokeFunction(fn, { http }, host);
    // A handler that returns nothing gives 204 from version 2 of the runtime on.
    if (!returnValue) return { status: 204 };
    const response = HttpResponse.parse(returnValue.http);
    if (response.cookies.length > 0)
      throw new Error("The local host does not send cookies of a response; set the header.");
    return { status: response.statusCode, headers: response.headers, body: response.body?.bytes ?? new Uint8Array() };
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    host.log({
      level: "error",
      category: `Function.${fn.name}`,
      message: `${method} ${call.url.pathname} failed: ${message}`,
    });
    return { status: 500 };
  }
}
