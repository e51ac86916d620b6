import type { HttpMethods, PipelineRequest, PipelineResponse } from "@azure/core-rest-pipeline";
import { AzureError, readFault } from "./azure-error.ts";

/** What both generations of Azure SDK clients offer: the pipeline that authenticates and sends. */
export interface Pipeline {
  sendRequest(request: PipelineRequest): Promise<PipelineResponse>;
}

export interface ArmRequest {
  /** For the error: "read the fragment of contoso". */
  attempt: string;
  method: HttpMethods;
  /** Resource path and query, without host and api-version. */
  path: string;
  apiVersion: string;
  headers?: Readonly<Record<string, string>>;
  body?: unknown;
}

export interface ArmResponse {
  status: number;
  etag: string | undefined;
  /** Where to ask how an asynchronous operation ended. */
  location: string | undefined;
  body: unknown;
}

/**
 * A connection that has gone silent must not hold up the one writer of an enforcement point. Begins when the token is there; that has
 * its own limit (token-limit.ts).
 */
export const callTimeoutMs = 30_000;

export const armEndpoint = "https://management.azure.com";

/**
 * One request as raw JSON over an SDK client's own pipeline. The typed operations lose what must not be lost: `apiPolicy.get()` of
 * @azure/arm-apimanagement 10 never returns the policy, and @azure/arm-network 39 drops fields that it does not know.
 * Answers 404 to a GET as a status; throws {@link AzureError} for every other failure.
 */
export async function armRequest(client: Pipeline, request: ArmRequest): Promise<ArmResponse> {
  const { createPipelineRequest, createHttpHeaders, isRestError } = await import("@azure/core-rest-pipeline");
  const { attempt, method, path, apiVersion, body, headers = {} } = request;
  const url = `${armEndpoint}${path}${path.includes("?") ? "&" : "?"}api-version=${apiVersion}`;
  const sent = createPipelineRequest({
    url,
    method,
    timeout: callTimeoutMs,
    headers: createHttpHeaders({
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    }),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  let response: PipelineResponse;
  try {
    response = await client.sendRequest(sent);
  } catch (error) {
    const status = isRestError(error) ? (error.statusCode ?? 0) : 0;
    const message = error instanceof Error ? error.message : "the request failed";
    throw new AzureError(
      attempt,
      { status, code: isRestError(error) ? (error.code ?? "") : "", message: message.slice(0, 500) },
      { cause: error },
    );
  }
  const { status, bodyAsText } = response;
  if (status >= 400 && !(status === 404 && method === "GET")) {
    throw new AzureError(attempt, readFault(status, bodyAsText, response.headers.get("retry-after")));
  }
  return {
    status,
    etag: response.headers.get("etag"),
    location: response.headers.get("location"),
    body: bodyAsText ? JSON.parse(bodyAsText) : undefined,
  };
}
