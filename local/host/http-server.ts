import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Log } from "./functions-core.ts";

export interface HttpCall {
  method: string;
  url: URL;
  /** Header names in lower case; repeated headers joined by a comma. */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

export interface HttpAnswer {
  status: number;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
}

export class PortTaken extends Error {
  override name = "PortTaken";
  readonly port: number;
  constructor(port: number, cause: unknown) {
    super(`Port ${port} on 127.0.0.1 is taken; stop what listens there or choose another port.`, { cause });
    this.port = port;
  }
}

export function jsonAnswer(status: number, value: unknown, headers: Record<string, string> = {}): HttpAnswer {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(value),
  };
}

// The limit of HTTP triggers in Azure.
const bodyLimit = 100 * 1024 * 1024;
const loopbackNames = ["127.0.0.1", "localhost", "[::1]"];

/** A page on the web may make a browser resolve its own name to 127.0.0.1 (DNS rebinding); its Host header still tells. */
function loopbackUrl(request: IncomingMessage): URL | undefined {
  const base = URL.parse(`http://${request.headers.host ?? ""}`);
  if (!base || !loopbackNames.includes(base.hostname)) return undefined;
  return URL.parse(request.url ?? "/", base.origin) ?? undefined;
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > bodyLimit) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > bodyLimit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function flatHeaders(request: IncomingMessage): Record<string, string> {
  const entries = Object.entries(request.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(", ") : (value ?? ""),
  ]);
  return Object.fromEntries(entries);
}

async function answerTo(
  request: IncomingMessage,
  answer: (call: HttpCall) => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  const url = loopbackUrl(request);
  if (!url) {
    const names = loopbackNames.join(", ");
    return {
      status: 403,
      body: `This host answers to ${names} only, not to the Host "${request.headers.host ?? ""}".`,
    };
  }
  // An absolute or scheme-relative request target would carry a host of its own past the check above.
  if (url.host !== new URL(`http://${request.headers.host}`).host) {
    return { status: 400, body: "The request target must be a path." };
  }
  const body = await readBody(request);
  if (!body) return { status: 413, headers: { connection: "close" }, body: "The body is larger than 100 MB." };
  return answer({ method: request.method ?? "GET", url, headers: flatHeaders(request), body });
}

/** Listens on 127.0.0.1 only; port 0 takes any free one. */
export async function listen(port: number, log: Log, answer: (call: HttpCall) => Promise<HttpAnswer>): Promise<Server> {
  const server = createServer((request, response) => {
    answerTo(request, answer)
      .catch((error: unknown): HttpAnswer => {
        const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
        log({ level: "error", category: "Host.Http", message: `${request.method} ${request.url} failed: ${message}` });
        return { status: 500 };
      })
      .then(({ status, headers, body }) => {
        if (response.destroyed) return;
        response.writeHead(status, headers);
        response.end(request.method === "HEAD" ? undefined : body);
      })
      .catch((error: unknown) => {
        log({
          level: "error",
          category: "Host.Http",
          message: `The answer to ${request.url} could not be sent: ${error}`,
        });
        response.destroy();
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" ? new PortTaken(port, error) : error),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
  return server;
}

export function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("The HTTP server has no port.");
  return address.port;
}

export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
