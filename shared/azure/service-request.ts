import type { PipelineResponse } from "@azure/core-rest-pipeline";
import { callTimeoutMs } from "./arm-request.ts";
import { AzureError, type Fault, readFault } from "./azure-error.ts";
import type { Connection } from "./connection.ts";

interface ServiceRequest {
  /** For the error: "read the machine 0a1b…". */
  attempt: string;
  method: "GET" | "POST";
  /** Path and query, or a whole address of the same service, as the links to a next page are. */
  path: string;
  body?: unknown;
}

interface ServiceAnswer {
  status: number;
  body: unknown;
}

/** Answers 404 to a GET as a status; throws {@link AzureError} for every other failure. */
export type AskService = (request: ServiceRequest) => Promise<ServiceAnswer>;

export interface Service {
  /** `https://HOST`, without a path. */
  origin: string;
  /** What the token is for; of these services it is not the host's own name. */
  scope: string;
}

/** Requests as raw JSON to a service of Defender: none of them has an SDK. Nothing is tried twice here: waiting is the caller's. */
export function createServiceRequest(connection: () => Promise<Connection>, { origin, scope }: Service): AskService {
  let opened: ReturnType<typeof open> | undefined;

  async function open() {
    const sdk = await import("@azure/core-rest-pipeline");
    const { credential, httpClient = sdk.createDefaultHttpClient() } = await connection();
    const pipeline = sdk.createPipelineFromOptions({ retryOptions: { maxRetries: 0 } });
    // The token goes to the service and to nobody it points to.
    pipeline.removePolicy({ name: sdk.redirectPolicyName });
    pipeline.addPolicy(sdk.bearerTokenAuthenticationPolicy({ credential, scopes: scope }));
    return { sdk, send: pipeline.sendRequest.bind(pipeline, httpClient) };
  }

  return async ({ attempt, method, path, body }) => {
    const url = new URL(path, origin);
    if (url.origin !== origin) throw new TypeError(`${attempt}: ${url.origin} is not ${origin}`);
    opened ??= open();
    const { sdk, send } = await opened.catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    const request = sdk.createPipelineRequest({
      url: url.href,
      method,
      timeout: callTimeoutMs,
      headers: sdk.createHttpHeaders({
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    let response: PipelineResponse;
    try {
      response = await send(request);
    } catch (error) {
      const { statusCode = 0, code = "" } = sdk.isRestError(error) ? error : {};
      const message = error instanceof Error ? error.message : "the request failed";
      throw new AzureError(attempt, { status: statusCode, code, message: oneLine(message) }, { cause: error });
    }
    const { status, bodyAsText } = response;
    if (status === 404 && method === "GET") return { status, body: undefined };
    if (status < 200 || status >= 300) throw new AzureError(attempt, faultOf(response));
    return { status, body: bodyAsText ? parse(attempt, status, bodyAsText) : undefined };
  };
}

function faultOf({ status, bodyAsText, headers }: PipelineResponse): Fault {
  const fault = readFault(status, bodyAsText, waitSeconds(headers.get("retry-after"), headers.get("date")));
  const message = fault.code || fault.message ? fault.message : (bodyAsText ?? "");
  const ids = [targetOf(bodyAsText), headers.get("x-ms-request-id"), headers.get("request-id"), fault.requestId];
  // Anything but an id stays out of the logs.
  const requestId = ids.find((id) => id !== undefined && /^[\w-]{1,64}$/.test(id));
  return { ...fault, message: oneLine(message), requestId };
}

/** Defender for Endpoint names the request in `error.target`: https://learn.microsoft.com/defender-endpoint/api/common-errors */
function targetOf(body: string | null | undefined): string | undefined {
  return /"target"\s*:\s*"([^"]+)"/.exec(body?.slice(0, 10_000) ?? "")?.[1];
}

/** Seconds, or a date that is compared with the service's own clock: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function waitSeconds(retryAfter: string | undefined, date: string | undefined): string | undefined {
  if (retryAfter === undefined || Number.isFinite(Number(retryAfter))) return retryAfter;
  const ms = Date.parse(retryAfter) - Date.parse(date ?? "");
  return Number.isNaN(ms) ? undefined : String(Math.max(0, ms / 1000));
}

function parse(attempt: string, status: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AzureError(
      attempt,
      { status, code: "UnexpectedAnswer", message: "the answer is no JSON" },
      { cause: error },
    );
  }
}

function oneLine(message: string): string {
  return message.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").slice(0, 500);
}
