import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";

export interface Listener {
  url: string;
  close(): Promise<void>;
}

export class PortTakenError extends Error {
  override name = "PortTakenError";
}

type Fetch = Parameters<typeof createAdaptorServer>[0]["fetch"];

/** Listens on loopback only; port 0 takes a free one. `purpose` names the listener in the error when the port is taken. */
export async function listen(fetch: Fetch, port: number, purpose: string): Promise<Listener> {
  const server = createAdaptorServer({ fetch, overrideGlobalObjects: false }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === "EADDRINUSE";
      reject(
        taken ? new PortTakenError(`Port ${port}, wanted for ${purpose}, is taken on 127.0.0.1.`, { cause }) : cause,
      );
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error(`The listener for ${purpose} has no port.`);
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
