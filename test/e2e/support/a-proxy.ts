import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";

/** One request that passed through, named so that people and tests can point at it: `POST Alerts`, `PUT policyFragments`. */
export interface Passage {
  name: string;
  body: string;
}

export interface Proxy {
  url: string;
  close(): Promise<void>;
}

/**
 * Stands between the host and one of its services, on loopback. `pass` is told of each request and forwards it, or does not: then
 * the connection is cut, which nobody sees when the host is dead by then.
 */
export async function aProxy(
  target: string,
  nameOf: (method: string, path: string) => string,
  pass: (passage: Passage, forward: () => Promise<void>) => Promise<"answer" | "cut">,
): Promise<Proxy> {
  const base = new URL(target);
  const server = createServer(async (incoming, outgoing) => {
    const body = await readBody(incoming);
    const { method = "GET", url = "/" } = incoming;
    const headers = { ...incoming.headers, host: base.host };
    let answer: { message: IncomingMessage; body: Buffer } | undefined;
    const forward = async () => {
      answer = await new Promise((resolve, reject) => {
        const onward = request({ host: base.hostname, port: base.port, method, path: url, headers }, (message) => {
          readBody(message).then((answered) => resolve({ message, body: answered }), reject);
        });
        onward.on("error", reject).end(body);
      });
    };
    const verdict = await pass({ name: nameOf(method, url), body: body.toString("utf8") }, forward).catch(() => "cut");
    if (verdict === "cut" || !answer) return void incoming.socket.destroy();
    outgoing.writeHead(answer.message.statusCode ?? 500, answer.message.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** `POST Alerts` for `/devstoreaccount1/PortcullisAlerts(…)`. */
export function tableRequest(prefix: string): (method: string, path: string) => string {
  return (method, path) => {
    const [, rest = ""] = /^\/devstoreaccount1\/([^?]*)/.exec(path) ?? [];
    const table = rest.replace(/\(.*$/s, "").replace(prefix, "");
    return `${method} ${table}`;
  };
}

/** `PUT policyFragments` for `/management.azure.com/…/policyFragments/portcullis-containment`. */
export function azureRequest(method: string, path: string): string {
  const { pathname } = new URL(path, "http://127.0.0.1");
  const [, below = pathname.split("/")[1] ?? ""] = /\/service\/[^/]+\/?(.*)$/.exec(pathname) ?? [];
  return `${method} ${below.replace(/^policyFragments\/.*$/, "policyFragments") || "service"}`;
}
