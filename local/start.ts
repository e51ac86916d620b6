import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Duration } from "../shared/duration.ts";
import { ChildFailed } from "./child.ts";
import { defaultPorts, type Ports, takenPorts } from "./ports.ts";
import { type Play, PlayFailed } from "./scenarios/play.ts";
import { plays } from "./scenarios/plays.ts";
import { createStory } from "./scenarios/story.ts";
import { type Stack, startStack } from "./stack.ts";

const usage = `usage: npm start -- [PLAY] [--once] [--max-duration PT15S] [--folder .]
                   [--port ${defaultPorts.host}] [--azure-port ${defaultPorts.azure}] [--gateway-port ${defaultPorts.gateway}] [--tables-port ${defaultPorts.tables}]

       npm run play -- [PLAY] …, which is npm start with --once

PLAY is one of ${[...plays.keys()].join(", ")}; without it, the first.
Plays one attack through the whole system on this machine, then keeps serving until Ctrl-C. --once ends after the play.
State and logs are kept in .portcullis/PORT below the folder, and are removed by the next start on that port.`;

interface Options {
  play: Play;
  once: boolean;
  /** Where state and logs are kept. */
  folder: string;
  ports: Ports;
  maxDuration: string;
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      once: { type: "boolean", default: false },
      folder: { type: "string", default: join(import.meta.dirname, "..") },
      "max-duration": { type: "string", default: "PT15S" },
      port: { type: "string", default: `${defaultPorts.host}` },
      "azure-port": { type: "string", default: `${defaultPorts.azure}` },
      "gateway-port": { type: "string", default: `${defaultPorts.gateway}` },
      "tables-port": { type: "string", default: `${defaultPorts.tables}` },
    },
  });
  const [name = "api-attack", ...more] = positionals;
  const play = plays.get(name);
  if (!play) throw new TypeError(`there is no play ${JSON.stringify(name)}`);
  if (more.length > 0) throw new TypeError(`one play at a time, not ${more.join(", ")} as well`);
  const port = (name: "port" | "azure-port" | "gateway-port" | "tables-port") => {
    const number = Number(values[name]);
    if (!Number.isInteger(number) || number < 1 || number > 65_535)
      throw new TypeError(`--${name}: ${values[name]} is not a port`);
    return number;
  };
  const maxDuration = Duration.safeParse(values["max-duration"]);
  if (!maxDuration.success) throw new TypeError(`--max-duration: ${maxDuration.error.issues[0]?.message}`);
  return {
    play,
    once: values.once,
    folder: join(resolve(values.folder), ".portcullis", `${port("port")}`),
    maxDuration: maxDuration.data,
    ports: {
      host: port("port"),
      azure: port("azure-port"),
      gateway: port("gateway-port"),
      tables: port("tables-port"),
    },
  };
}

const optionOf: Readonly<Record<keyof Ports, string>> = {
  host: "--port",
  azure: "--azure-port",
  gateway: "--gateway-port",
  tables: "--tables-port",
};

async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return 2;
  }
  const taken = await takenPorts(options.ports);
  if (taken.length > 0) {
    for (const name of taken)
      console.error(`port ${options.ports[name]} is taken; choose another with ${optionOf[name]}`);
    return 2;
  }

  let stopping = false;
  const stopped = new Promise<"stopped">((resolve) => {
    const stop = () => {
      stopping = true;
      resolve("stopped");
    };
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
  });
  const { folder } = options;
  // The simulated Azure forgets everything when it ends, so what was contained there is no longer true.
  rmSync(folder, { recursive: true, force: true });
  let stack: Stack | undefined;
  try {
    stack = await startStack({
      ports: options.ports,
      folder,
      // About what a write takes in Azure.
      fragmentWriteMs: 1000,
      settings: { PORTCULLIS_MAX_DURATION: options.maxDuration, PORTCULLIS_SWEEP_SCHEDULE: "*/2 * * * * *" },
    });
    Object.assign(process.env, {
      IDENTITY_ENDPOINT: stack.settings.IDENTITY_ENDPOINT,
      IDENTITY_HEADER: stack.settings.IDENTITY_HEADER,
    });
    const story = createStory();
    story.say(
      `Portcullis on ${stack.hostUrl}, simulated Azure on ${stack.azureUrl}, simulated gateway on ${stack.gatewayUrl}`,
    );
    const died = stack.ended.then((how) => {
      throw new ChildFailed(how);
    });
    // What ends because it was told to is heard of by nobody.
    died.catch(() => {});
    const played = await Promise.race([options.play(stack, story), stopped, died]);
    if (played === "stopped") return interrupted(options);
    if (options.once) return 0;
    tellHints(stack, options.maxDuration);
    await Promise.race([stopped, died]);
    return 0;
  } catch (error) {
    // Ctrl-C reaches the children as well, and what they were asked at that moment fails: here perhaps before the signal is heard of.
    await Promise.race([stopped, sleep(500)]);
    if (stopping) return interrupted(options);
    const known = error instanceof PlayFailed || error instanceof ChildFailed;
    console.error(
      `\n${known ? error.message : error instanceof Error ? error.stack : error}\nThe logs are in ${folder}.`,
    );
    return 1;
  } finally {
    await stack?.close();
  }
}

/** Whoever serves until Ctrl-C has done so; a play that was to be played once was not. */
function interrupted({ once }: Options): number {
  if (once) console.error("\ninterrupted before the play was over");
  return once ? 130 : 0;
}

function tellHints({ hostUrl, gatewayUrl }: Stack, maxDuration: string): void {
  console.log(`
It keeps serving until Ctrl-C. Try:

   npm run send -- local/scenarios/alerts/api-parameter-enumeration.json
   curl ${hostUrl}/api/containments
   curl -H "X-Simulated-Client-Ip: 203.0.113.66" -i ${gatewayUrl}/orders/1001
   curl -X POST -H "content-type: application/json" ${hostUrl}/api/playbooks/api-block-hostile-address/run \\
        -d '{"target":{"address":"203.0.113.99"},"mode":"observe"}'
   curl -X DELETE ${hostUrl}/api/containments/ID

Containments end after ${maxDuration} at the latest here; start with --max-duration PT4H to keep them longer. Every alert is answered once: to send a file again, change its SystemAlertId.`);
}

process.exitCode = await main();
