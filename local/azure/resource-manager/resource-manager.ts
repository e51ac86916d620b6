import { randomUUID } from "node:crypto";
import type { Clock } from "../../../shared/clock.ts";
import type { Strike } from "../faults.ts";
import { type Identity, resourceManagerAudiences } from "../identity.ts";
import { ArmError } from "./arm-error.ts";
import { refusal } from "./refusals.ts";
import { createRequestBudget } from "./request-budget.ts";
import { type ArmAnswer, type ArmRoute, actionOf, matchRoute, type RouteMatch } from "./route.ts";

interface ArmRequest {
  method: string;
  url: URL;
  header(name: string): string | undefined;
  text: string;
}

export interface ResourceManager {
  /** The published id of the operation a request asks for; undefined when nothing here serves it. */
  operationOf(method: string, url: URL): string | undefined;
  /** What a caller must be granted for it; nothing when nothing here serves it. */
  permissionsOf(method: string, url: URL): readonly string[];
  answer(request: ArmRequest, strike: Strike): ArmAnswer;
}

export interface ResourceManagerOptions {
  clock: Clock;
  identity: Identity;
  routes: readonly ArmRoute[];
  /** Published api-versions that the routes speak. */
  apiVersions: readonly string[];
}

/** ARM takes no larger request. https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits */
const maximumBody = 4 * 1024 * 1024;

/** What Azure Resource Manager does for every provider: authentication, api-version, parsing, correlation and error shape. */
export function createResourceManager({
  clock,
  identity,
  routes,
  apiVersions,
}: ResourceManagerOptions): ResourceManager {
  const budget = createRequestBudget(clock);

  function answerOrThrow(request: ArmRequest, strike: Strike): ArmAnswer {
    const { method, url, header } = request;
    identity.authenticate(header("authorization"), resourceManagerAudiences);
    checkApiVersion(url, apiVersions);
    const { route, params } = matchRoute(routes, method, url.pathname) ?? unserved(method, url);
    const body = parseBody(request);
    if (strike.refuse !== undefined) throw refusal(strike.refuse);
    const { staleRead, failOperation } = strike;
    return route.answer({ method, url, params, header, body, staleRead, failOperation });
  }

  function served(method: string, url: URL): ArmRoute | undefined {
    try {
      return matchRoute(routes, method, url.pathname)?.route;
    } catch {
      return undefined;
    }
  }

  return {
    operationOf: (method, url) => served(method, url)?.operationId,
    permissionsOf: (method, url) => {
      const route = served(method, url);
      return route ? [actionOf(route)] : [];
    },
    answer(request, strike) {
      const id = randomUUID();
      const common = {
        "x-ms-request-id": id,
        "x-ms-correlation-request-id": request.header("x-ms-correlation-request-id") ?? id,
        "cache-control": "no-cache",
      };
      try {
        const answer = answerOrThrow(request, strike);
        return { ...answer, headers: { ...common, ...budget.spend(request.method), ...answer.headers } };
      } catch (error) {
        if (!(error instanceof ArmError)) throw error;
        return { status: error.status, headers: { ...common, ...error.headers }, body: error.body() };
      }
    },
  };
}

function checkApiVersion(url: URL, supported: readonly string[]): void {
  const version = url.searchParams.get("api-version");
  if (version === null || version === "") {
    throw new ArmError(
      400,
      "MissingApiVersionParameter",
      "The api-version query parameter (?api-version=) is required for all requests.",
    );
  }
  if (supported.includes(version)) return;
  throw new ArmError(
    400,
    "InvalidApiVersionParameter",
    `The api-version '${version}' is invalid. The supported versions are '${supported.join(",")}'.`,
  );
}

function parseBody({ text }: ArmRequest): unknown {
  if (text === "") return undefined;
  if (Buffer.byteLength(text) > maximumBody) {
    throw new ArmError(
      413,
      "RequestContentTooLarge",
      `The request content size exceeds the maximum size of ${maximumBody} bytes.`,
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ArmError(
      400,
      "InvalidRequestContent",
      `The request content was invalid and could not be deserialized: '${reason}'.`,
    );
  }
}

/** Loud on purpose: an operation that Azure has and the simulator lacks must not look like a missing resource. */
function unserved(method: string, url: URL): RouteMatch {
  throw new ArmError(
    501,
    "NotSimulated",
    `The simulated Azure does not serve ${method} ${url.pathname}. Add its route under local/azure to use it.`,
  );
}
