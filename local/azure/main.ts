import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type { ApiManagementService } from "./api-management/store.ts";
import { PortTakenError } from "./listener.ts";
import { type SimulatedAzureOptions, startSimulatedAzure } from "./simulated-azure.ts";

/** What a world module exports: the Azure that is there when the play begins. */
interface World {
  services(): ApiManagementService[];
  eventGrid?(host: { hostUrl: string }): NonNullable<SimulatedAzureOptions["eventGrid"]>;
  eventHubs?(host: { hostUrl: string }): NonNullable<SimulatedAzureOptions["eventHubs"]>;
  /** Everything else that the tenant has: more of Resource Manager, and other services. */
  tenant?(): Pick<SimulatedAzureOptions, "arm" | "flows" | "hosts" | "identity" | "subscriptions">;
}

const usage =
  "Usage: node local/azure/main.ts --world FILE [--port 7080] [--gateway-port 7081] [--host-url http://127.0.0.1:7071] [--fragment-write-ms 0]";

try {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "7080" },
      "gateway-port": { type: "string", default: "7081" },
      world: { type: "string" },
      "host-url": { type: "string", default: "http://127.0.0.1:7071" },
      "fragment-write-ms": { type: "string", default: "0" },
    },
  });
  const world = await loadWorld(values.world);
  const eventGrid = world.eventGrid?.({ hostUrl: values["host-url"] });
  const eventHubs = world.eventHubs?.({ hostUrl: values["host-url"] });
  const azure = await startSimulatedAzure({
    port: readNumber("--port", values.port, 65_535),
    gatewayPort: readNumber("--gateway-port", values["gateway-port"], 65_535),
    services: world.services(),
    ...world.tenant?.(),
    latency: { fragmentWriteMs: readNumber("--fragment-write-ms", values["fragment-write-ms"], 3_600_000) },
    ...(eventGrid === undefined ? {} : { eventGrid }),
    ...(eventHubs === undefined ? {} : { eventHubs }),
  });

  const stop = () => void azure.close().then(() => process.exit(0));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  // Whoever started this with a channel and is gone cannot stop it any more.
  process.once("disconnect", stop);
  console.log(JSON.stringify({ ready: true, url: azure.url, gatewayUrl: azure.gatewayUrl }));
} catch (error) {
  const expected = error instanceof PortTakenError;
  const message = error instanceof Error ? error.message : String(error);
  console.error(expected ? `${message} Choose others with --port and --gateway-port.` : `${message}\n${usage}`);
  process.exitCode = expected ? 2 : 1;
}

async function loadWorld(file: string | undefined): Promise<World> {
  if (file === undefined) throw new Error("No world given: --world names the module that exports services().");
  const module: object = await import(pathToFileURL(resolve(file)).href);
  if (!isWorld(module)) throw new Error(`The world ${file} does not export a function services().`);
  return module;
}

function isWorld(module: object): module is World {
  const hasServices = "services" in module && typeof module.services === "function";
  const isFunction = (name: "eventGrid" | "eventHubs" | "tenant") =>
    !(name in module) || typeof (module as Record<string, unknown>)[name] === "function";
  return hasServices && isFunction("eventGrid") && isFunction("eventHubs") && isFunction("tenant");
}

function readNumber(option: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= most) return value;
  throw new Error(`${option} must be a whole number from 0 to ${most}, not "${text}".`);
}
