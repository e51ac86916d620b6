import { randomInt } from "node:crypto";
import { createServer } from "node:net";

export interface Ports {
  host: number;
  azure: number;
  gateway: number;
  tables: number;
}

const given = new Set<number>();

export const defaultPorts: Ports = { host: 7071, azure: 7080, gateway: 7081, tables: 10002 };

/** The names of those ports that something else already listens on. */
export async function takenPorts(ports: Ports): Promise<(keyof Ports)[]> {
  const names = Object.keys(ports).filter((name): name is keyof Ports => name in defaultPorts);
  const free = await Promise.all(names.map((name) => isFree(ports[name])));
  return names.filter((_, index) => !free[index]);
}

/**
 * Four ports that nothing listens on. They lie below the range from which systems take the ports of outgoing connections (32768 and
 * up on Linux, 49152 elsewhere), so none of them is gone again by the time it is used. Each process looks in a stretch of its own, and
 * finds no port twice: what a process of somebody's listened on a moment ago may be wanted again when it restarts.
 */
export async function freePorts(): Promise<Ports> {
  const found: number[] = [];
  const from = 20_000 + (process.pid % 12) * 1000;
  if (given.size > 900) given.clear();
  while (found.length < 4) {
    const port = randomInt(from, from + 1000);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) found.push(port);
  }
  const [host = 0, azure = 0, gateway = 0, tables = 0] = found;
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
