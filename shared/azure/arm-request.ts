import type { HttpMethods, PipelineRequest, PipelineResponse } from "@azure/core-rest-pipeline";
import type { AzureRequest } from "./ask.ts";
import { noAnswer } from "./fault.ts";
import { type RawAnswer, readAnswer } from "./read-answer.ts";

/** What both generations of Azure SDK clients offer: the pipeline that authenticates and sends. */
export interface Pipeline {
  sendRequest(request: PipelineRequest): Promise<PipelineResponse>;
}

type Sendable = Pick<AzureRequest, "attempt" | "headers" | "body"> & { method: HttpMethods; url: string };

interface ArmRequest extends Pick<AzureRequest, "attempt" | "method" | "headers" | "body"> {
  /** Resource path and query, without host and api-version. */
  path: string;
  apiVersion: string;
}

interface ArmResponse {
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

/** Sends raw JSON over a client's own pipeline, once. Throws AzureError only when no answer came. */
export async function sendOver(
  client: Pipeline,
  { attempt, method, url, headers, body }: Sendable,
): Promise<RawAnswer> {
  const { createPipelineRequest, createHttpHeaders } = await import("@azure/core-rest-pipeline");
  const request = createPipelineRequest({
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
  try {
    const { status, bodyAsText, headers: answered } = await client.sendRequest(request);
    return { status, text: bodyAsText ?? "", headers: answered };
  } catch (error) {
    throw noAnswer(attempt, error);
  }
}

/**
 * One request as raw JSON over an SDK client's own pipeline. The typed operations lose what must not be lost: `apiPolicy.get()` of
 * @azure/arm-apimanagement 10 never returns the policy, and @azure/arm-network 39 drops fields that it does not know.
 * Answers 404 to a GET as a status; throws {@link AzureError} for every other failure.
 */
export async function armRequest(client: Pipeline, request: ArmRequest): Promise<ArmResponse> {
  const { path, apiVersion } = request;
  const url = `${armEndpoint}${path}${path.includes("?") ? "&" : "?"}api-version=${apiVersion}`;
  const raw = await sendOver(client, { ...request, url });
  const { status, etag, body } = readAnswer(request, raw);
  return { status, etag, location: raw.headers.get("location") ?? undefined, body };
}
