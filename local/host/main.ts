import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { startHost } from "./host.ts";
import { PortTaken } from "./http-server.ts";

const usage = "node local/host/main.ts --app FILE --port NUMBER --state FILE [--replay-check]";

/** The host as a process of its own. Settings are this process's environment variables, nothing else. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      app: { type: "string" },
      port: { type: "string" },
      state: { type: "string" },
      "replay-check": { type: "boolean", default: false },
    },
  });
  const { app, state } = values;
  const port = Number(values.port);
  if (!app || !state || !Number.isInteger(port)) throw new Error(`Usage: ${usage}`);
  const host = await startHost({
    stateFile: state,
    port,
    loadApp: () => import(pathToFileURL(app).href),
    log: ({ level, category, message }) => process.stderr.write(`[${level}] ${category}: ${message}\n`),
    replayCheck: values["replay-check"],
  });
  // As func start: without it the durable client takes itself to be on localhost:7071 (getClient.js, correctClientData).
  process.env.WEBSITE_HOSTNAME ??= new URL(host.url).host;
  const stop = (): void => {
    host.close().then(
      () => process.exit(0),
      (error) => end(error),
    );
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  // Started with an IPC channel, it does not outlive a parent that was killed.
  process.once("disconnect", stop);
  process.stdout.write(`${JSON.stringify({ ready: true, url: host.url })}\n`);
}

function end(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(error instanceof PortTaken ? 2 : 1);
}

main().catch(end);
