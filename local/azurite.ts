import { createRequire } from "node:module";
import { connect } from "node:net";
import { parseArgs } from "node:util";

// Azurite's table service as a child of the local stack: on loopback, silent, without telemetry.
const { values } = parseArgs({ options: { port: { type: "string", default: "10002" }, folder: { type: "string" } } });

process.argv = [
  process.argv[0] ?? "node",
  "azurite-table",
  ...[
    "--tableHost",
    "127.0.0.1",
    "--tablePort",
    values.port,
    "--silent",
    "--disableTelemetry",
    "--skipApiVersionCheck",
  ],
  ...(values.folder ? ["--location", values.folder] : ["--inMemoryPersistence"]),
];
process.once("SIGTERM", () => process.exit(0));
process.once("SIGINT", () => process.exit(0));
const log = console.log;
console.log = console.error;
createRequire(import.meta.url)("azurite/dist/src/table/main.js");

for (;;) {
  const open = await new Promise<boolean>((resolve) => {
    const socket = connect(Number(values.port), "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
  if (open) break;
  await new Promise((resolve) => setTimeout(resolve, 50));
}
log(JSON.stringify({ ready: true, endpoint: `http://127.0.0.1:${values.port}/devstoreaccount1` }));
