/** Whom a request goes to, and as which identity. `applications` is Graph, asked by the second identity that may change applications. */
export type ServiceName = "resource-manager" | "graph" | "applications" | "endpoint" | "cloud-apps";

export interface AzureRequest {
  service: ServiceName;
  /** For the error: "isolate the machine 0a1b…". */
  attempt: string;
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query below the service's origin, encoded: `/api/machines/0a1b…`, with `?api-version=` for Resource Manager. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  body?: unknown;
}

export interface AzureAnswer {
  status: number;
  etag?: string;
  /** Path and query of the same service at which a long-running operation is asked about (Azure-AsyncOperation, else Location). */
  operation?: string;
  retryAfterMs?: number;
  /** Undefined where the service sent none. */
  body: unknown;
}

/**
 * Sends one request, once, as raw JSON. Answers 404 to a GET as a status; throws {@link AzureError} for every other failure.
 */
export type Ask = (request: AzureRequest) => Promise<AzureAnswer>;
