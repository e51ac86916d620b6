import type { Client } from "@microsoft/microsoft-graph-client";
import type { Connection } from "./connection.ts";
import { noAnswer } from "./fault.ts";
import { bearer, keepFault, transport } from "./graph-middleware.ts";
import { openOnce } from "./opened.ts";
import { type RawAnswer, readAnswer } from "./read-answer.ts";
import { requestUrl } from "./request-url.ts";
import type { AskService, Service, ServiceRequest } from "./service-request.ts";

/** A service that Microsoft Graph's client speaks to: Graph itself, and Defender for Endpoint, whose requests are of the same make. */
interface GraphService extends Service {
  headers?: Readonly<Record<string, string>>;
}

/** Requests as raw JSON over Microsoft Graph's client. Nothing is tried twice here: waiting is the caller's. */
export function createGraphRequest(connection: () => Promise<Connection>, service: GraphService): AskService {
  const send = createGraphSender(connection, service);
  return async (request) => readAnswer(request, await send(request));
}

/** Throws AzureError only when no answer came. */
export function createGraphSender(
  connection: () => Promise<Connection>,
  service: GraphService,
): (request: ServiceRequest) => Promise<RawAnswer> {
  const open = openOnce(() => openClient(connection, service));
  return async (request) => {
    const { attempt, path } = request;
    const url = requestUrl(attempt, path, service.origin);
    // The client takes what stands first in a path for a version, and would put one there.
    if (!/^\/[^/]+\/[^/]/.test(new URL(url).pathname)) throw new TypeError(`${attempt}: its path has no version`);
    const { client, sdk } = await open(attempt);
    try {
      const response = await call(client, sdk.ResponseType.RAW, url, {
        ...request,
        headers: { accept: "application/json", ...service.headers, ...request.headers },
      });
      return { status: response.status, text: await response.text(), headers: response.headers };
    } catch (error) {
      throw noAnswer(attempt, error instanceof sdk.GraphClientError ? error.customError : error);
    }
  };
}

async function openClient(connection: () => Promise<Connection>, { origin, scope }: GraphService) {
  const [sdk, pipeline, { credential, httpClient }] = await Promise.all([
    loadClient(),
    import("@azure/core-rest-pipeline"),
    connection(),
  ]);
  // No RetryHandler: the client's own repeats every method, POST included, and sleeps in the process.
  const client = sdk.Client.initWithMiddleware({
    baseUrl: origin,
    // Sends the id of a request to Graph's own hosts only, unless told of others.
    customHosts: new Set([new URL(origin).host]),
    middleware: [
      keepFault(sdk),
      bearer(credential, { origin, scope }),
      new sdk.TelemetryHandler(),
      transport(httpClient ?? pipeline.createDefaultHttpClient(), pipeline),
    ],
  });
  return { client, sdk };
}

/** A CommonJS package: loaded lazily out of the bundle it has a default export and no names. */
async function loadClient() {
  return (await import("@microsoft/microsoft-graph-client")).default;
}

async function call(
  client: Client,
  responseType: Parameters<ReturnType<Client["api"]>["responseType"]>[0],
  url: string,
  { attempt, method, headers = {}, body }: ServiceRequest,
): Promise<Response> {
  const request = client.api(url).responseType(responseType).headers(headers);
  // As text already: the client sends a string as it is.
  const content = body === undefined ? undefined : JSON.stringify(body);
  switch (method) {
    case "POST":
      return request.post(content);
    case "PUT":
      return request.put(content);
    case "PATCH":
      return request.patch(content);
    case "GET":
    case "DELETE":
      if (content !== undefined) throw new TypeError(`${attempt}: the client sends no body with ${method}`);
      return method === "GET" ? request.get() : request.delete();
  }
}
