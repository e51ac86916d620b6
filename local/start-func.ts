import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

// `npm run start:func`: the built app under Azure Functions Core Tools, which npm start does without.
const root = join(import.meta.dirname, "..");
const windows = process.platform === "win32";
const onPath = (name: string) =>
  (process.env.PATH ?? "")
    .split(delimiter)
    .some(
      (folder) => existsSync(join(folder, windows ? `${name}.cmd` : name)) || existsSync(join(folder, `${name}.exe`)),
    );

const missing = [
  ...(onPath("func")
    ? []
    : [
        "func is not on the PATH: install Azure Functions Core Tools 4 (npm i -g azure-functions-core-tools@4, or https://aka.ms/azfunc-install)",
      ]),
  ...(existsSync(join(root, "local.settings.json"))
    ? []
    : ["local.settings.json is missing: cp local.settings.example.json local.settings.json"]),
];

if (missing.length > 0) {
  for (const reason of missing) console.error(reason);
  console.error(`
func start also needs, each in a terminal of its own:
  npx azurite --silent --location .portcullis/azurite     (storage for Durable Functions and the ledger)
  npx --no -- node local/azure/main.ts --world local/scenarios/world.ts     (the simulated Azure)
Without Core Tools, npm start runs the same app with nothing but Node.`);
  process.exitCode = 1;
} else {
  // The simulated Event Hub speaks no AMQP, which is all that the host of Core Tools reads.
  const env = { ...process.env, "AzureWebJobs.receiveExport.Disabled": "true" };
  const func = spawn("func", ["start"], { cwd: root, stdio: "inherit", shell: windows, env });
  process.on("SIGINT", () => {});
  func.on("exit", (code) => {
    process.exitCode = code ?? 1;
  });
}
