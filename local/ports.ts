import { randomInt } from "node:crypto";
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

/**
 * Four ports that nothing listens on. They lie below the range from which systems take the ports of outgoing connections (32768 and
 * up on Linux, 49152 elsewhere), so none of them is gone again by the time it is used; and each process looks in a stretch of its own,
 * so that several that look at the same moment, or while one of theirs restarts, do not find the same.
 */
export async function freePorts(): Promise<Ports> {
  const found: number[] = [];
  const from = 20_000 + (process.pid % 60) * 200;
  while (found.length < 4) {
    const port = randomInt(from, from + 200);
    if (!found.includes(port) && (await isFree(port))) found.push(port);
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
