import { createServer } from "node:net";

export interface Ports {
  host: number;
  azure: number;
  gateway: number;
  tables: number;
}

export const defaultPorts: Ports = { host: 7071, azure: 7080, gateway: 7081, tables: 10002 };

/** The names of those ports that something else already listens on. */
export async function takenPorts(ports: Ports): Promise<(keyof Ports)[]> {
  const names = Object.keys(ports).filter((name): name is keyof Ports => name in defaultPorts);
  const free = await Promise.all(names.map((name) => isFree(ports[name])));
  return names.filter((_, index) => !free[index]);
}

/** Four ports that nothing listens on. */
export async function freePorts(): Promise<Ports> {
  const servers = await Promise.all([0, 0, 0, 0].map(() => listen(0)));
  const [host = 0, azure = 0, gateway = 0, tables = 0] = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return { host, azure, gateway, tables };
}

async function isFree(port: number): Promise<boolean> {
  try {
    const server = await listen(port);
    await new Promise((resolve) => server.close(resolve));
    return true;
  } catch {
    return false;
  }
}

function listen(port: number) {
  const server = createServer();
  return new Promise<typeof server>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", () => resolve(server));
  });
}
