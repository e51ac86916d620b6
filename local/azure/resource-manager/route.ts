import { ArmError } from "./arm-error.ts";

/** A request as it would have arrived at https://management.azure.com. */
export interface ArmCall {
  method: string;
  url: URL;
  /** Path parameters, decoded, under the names of the published specification. */
  params: Readonly<Record<string, string>>;
  header(name: string): string | undefined;
  /** The parsed JSON body; undefined when there is none. */
  body: unknown;
  /** A fault: reads answer what was there before the latest write. */
  staleRead: boolean;
  /** A fault: the long-running operation that this call starts ends in failure. */
  failOperation: boolean;
}

export interface ArmAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

export interface ArmRoute {
  /** As the published specification spells it: `PolicyFragment_CreateOrUpdate`. */
  operationId: string;
  method: string;
  /** The specification's path template. Literal segments match whatever their letter case, as in ARM. */
  path: string;
  /** The action of Azure RBAC, where it is not the one that method and path say. */
  action?: string;
  answer(call: ArmCall): ArmAnswer;
}

/**
 * The action that a caller needs: provider and types of the path, and what the method does.
 * https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations
 */
export function actionOf({ method, path, action }: Pick<ArmRoute, "method" | "path" | "action">): string {
  if (action !== undefined) return action;
  const parts = path.slice(path.lastIndexOf("/providers/") + "/providers/".length).split("/");
  const types = parts.filter((part) => !part.startsWith("{"));
  // Without a name at its end a path is a list, or for POST the name of an action.
  const verb = { GET: "read", HEAD: "read", PUT: "write", PATCH: "write", DELETE: "delete" }[method] ?? "action";
  return [...types, verb].join("/");
}

export interface RouteMatch {
  route: ArmRoute;
  params: Record<string, string>;
}

/** The first route that serves this method and path. */
export function matchRoute(routes: readonly ArmRoute[], method: string, pathname: string): RouteMatch | undefined {
  const segments = pathname.replace(/\/+$/, "").split("/");
  for (const route of routes) {
    if (route.method !== method) continue;
    const params = matchPath(route.path.split("/"), segments);
    if (params !== undefined) return { route, params };
  }
  return undefined;
}

function matchPath(template: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (template.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of template.entries()) {
    const segment = segments[index] ?? "";
    if (part.startsWith("{")) {
      if (segment === "") return undefined;
      params[part.slice(1, -1)] = decodeSegment(segment);
    } else if (part.toLowerCase() !== segment.toLowerCase()) {
      return undefined;
    }
  }
  return params;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new ArmError(
      400,
      "InvalidRequestUri",
      `The segment '${segment}' of the request's path is not URL-encoded text.`,
    );
  }
}
