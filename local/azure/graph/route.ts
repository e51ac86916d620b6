import { badRequest } from "./graph-failure.ts";
import type { GraphResource, GraphState } from "./state.ts";

export interface GraphCall {
  url: URL;
  /** Path parameters, decoded. */
  params: Readonly<Record<string, string>>;
  header(name: string): string | undefined;
  /** The parsed JSON body; undefined when there is none. */
  body: unknown;
  state: GraphState;
  /** Client id of the application that calls. */
  app: string;
  now: Date;
  /** What this read sees of these objects, which may be what was there before the latest writes. */
  seen(resources: readonly GraphResource[] | undefined): GraphResource[];
  /** Whether any of these application permissions was consented to. */
  may(...permissions: readonly string[]): boolean;
}

export interface GraphRoute {
  operationId: string;
  method: "GET" | "POST" | "PATCH";
  /** Below the version; parts in braces are parameters, the others match in any letter case. */
  path: string;
  /** Application permissions, any one of which lets a caller make the call. */
  permissions: readonly string[];
  /** The body of the answer; undefined for 204. */
  answer(call: GraphCall): unknown;
}

/** The first route that serves this method and path. */
export function matchRoute(routes: readonly GraphRoute[], method: string, pathname: string) {
  const parts = pathname.split("/");
  for (const route of routes) {
    const params = route.method === method ? matchPath(route.path.split("/"), parts) : undefined;
    if (params) return { route, params };
  }
  return undefined;
}

function matchPath(template: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (template.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, wanted] of template.entries()) {
    const part = parts[index] ?? "";
    if (wanted.startsWith("{") && part !== "") params[wanted.slice(1, -1)] = decode(part);
    else if (wanted.toLowerCase() !== part.toLowerCase()) return undefined;
  }
  return params;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest(`The segment '${part}' of the request's path is not URL-encoded text.`);
  }
}
