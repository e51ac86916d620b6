import { createServer, request } from "node:http";

export interface CountingProxy {
  url: string;
  /** Requests that went through since it was last read. */
  take(): number;
  close(): Promise<void>;
}

/** Passes requests on to a server on this machine and counts them. */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  let count = 0;
  const { hostname, port } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    count++;
    const { method, url: path, headers } = incoming;
    const passed = request({ hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on("error", () => outgoing.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("the proxy has no address");
  return {
    url: `http://127.0.0.1:${address.port}`,
    take() {
      const taken = count;
      count = 0;
      return taken;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
