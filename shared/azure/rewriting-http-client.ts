import type { HttpClient } from "@azure/core-rest-pipeline";
import { isLoopback } from "../config.ts";

/** The simulated Azure may be named only by a loopback address: production credentials never leave the machine through it. */
export class NotLoopbackError extends Error {
  override name = "NotLoopbackError";
}

/**
 * An HTTP client for the Azure SDKs that keeps production URLs and token scopes and sends
 * `https://HOST/path` to `SIMULATOR/HOST/path`.
 *
 * The request's own URL is put back after the call: pollers remember it, and the SDK refuses a bearer token on plain http.
 */
export function createRewritingHttpClient(simulatorUrl: string): HttpClient {
  const base = loopbackBase(simulatorUrl);
  let inner: HttpClient | undefined;
  return {
    async sendRequest(request) {
      const { url, allowInsecureConnection } = request;
      const target = simulatedUrl(base, url);
      // Loaded on first use, so that whoever only constructs clients does not pay for the pipeline's start.
      inner ??= (await import("@azure/core-rest-pipeline")).createDefaultHttpClient();
      request.url = target;
      request.allowInsecureConnection = true;
      try {
        return await inner.sendRequest(request);
      } finally {
        request.url = url;
        request.allowInsecureConnection = allowInsecureConnection ?? false;
      }
    },
  };
}

function simulatedUrl(base: string, url: string): string {
  const { protocol, host, pathname, search } = new URL(url);
  if (protocol === "https:") return `${base}/${host}${pathname}${search}`;
  // The managed-identity endpoint is plain http on this machine already.
  if (isLoopback(url)) return url;
  throw new NotLoopbackError(
    `Refused to send a request to ${url}: with a simulated Azure configured, only https Azure addresses and loopback are reached.`,
  );
}

function loopbackBase(simulatorUrl: string): string {
  if (!isLoopback(simulatorUrl)) {
    throw new NotLoopbackError(
      `The simulated Azure's address "${simulatorUrl}" is not http on a loopback address; it must be http://127.0.0.1:PORT.`,
    );
  }
  const { origin, pathname } = new URL(simulatorUrl);
  return `${origin}${pathname}`.replace(/\/+$/, "");
}
