import { parseArgs } from "node:util";
import { type Clock, systemClock } from "../shared/clock.ts";
import { isLoopback } from "../shared/config.ts";
import { CannotSend } from "./send/cannot-send.ts";
import { publish, type TopicAddress } from "./send/publish.ts";
import { readJsonFile } from "./send/read-json-file.ts";
import { wrapAlerts } from "./send/wrap-alerts.ts";

const usage = `npm run send -- FILE [--schema eventgrid|cloudevents] [--topic-url URL]

Publishes a JSON file to the local Event Grid topic: an alert in any shape, an Event Grid event, a CloudEvent,
or an array of them. Alerts are wrapped in an event; events are sent as they are.

  --schema      the envelope for alerts: eventgrid (default) or cloudevents
  --topic-url   default: PORTCULLIS_LOCAL_TOPIC_URL, or the topic that npm start opens; loopback only
  key           PORTCULLIS_LOCAL_TOPIC_KEY, or the key of that topic`;

const defaultTopic: TopicAddress = {
  url: "http://127.0.0.1:7080/alerts.westeurope-1.eventgrid.azure.net/api/events",
  key: "local-only-topic-key",
};

interface Surroundings {
  env: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  print(line: string): void;
  printError(line: string): void;
}

/** Exit code: 0 published, 1 the topic did not take it, 2 wrongly asked. */
export async function send(args: string[], { env, clock, print, printError }: Surroundings): Promise<0 | 1 | 2> {
  try {
    const asked = readArguments(args, env);
    if (!asked) {
      print(usage);
      return 0;
    }
    const events = wrapAlerts(await readJsonFile(asked.file), asked.schema, clock.now());
    for (const [schema, ofSchema] of Map.groupBy(events, (event) => event.schema)) {
      await publish(schema, ofSchema, asked.topic);
      print(`Published ${ofSchema.length} event${ofSchema.length === 1 ? "" : "s"} (${schema}) to ${asked.topic.url}`);
      for (const { type, id, subject } of ofSchema) print(`  ${type}, id ${id}, subject ${subject ?? "(none)"}`);
    }
    print("See what came of it: curl http://127.0.0.1:7071/api/containments");
    return 0;
  } catch (error) {
    if (!(error instanceof CannotSend)) throw error;
    printError(error.message);
    return error.kind === "usage" ? 2 : 1;
  }
}

/** Undefined when help was asked for. */
function readArguments(args: string[], env: Surroundings["env"]) {
  const { values, positionals } = parseStrictly(args);
  if (values.help) return undefined;

  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw new CannotSend("usage", `Name one file.\n\n${usage}`);
  const { schema } = values;
  if (schema !== "eventgrid" && schema !== "cloudevents")
    throw new CannotSend("usage", `--schema is eventgrid or cloudevents, not ${schema}`);
  const url = values["topic-url"] ?? (env.PORTCULLIS_LOCAL_TOPIC_URL || defaultTopic.url);
  if (!isLoopback(url))
    throw new CannotSend(
      "usage",
      `${url} is not on this machine: send publishes to http://127.0.0.1 and localhost only`,
    );
  return { file, schema, topic: { url, key: env.PORTCULLIS_LOCAL_TOPIC_KEY || defaultTopic.key } } as const;
}

function parseStrictly(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        schema: { type: "string", default: "eventgrid" },
        "topic-url": { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (cause) {
    throw new CannotSend("usage", `${cause instanceof Error ? cause.message : cause}\n\n${usage}`, { cause });
  }
}

if (import.meta.main)
  process.exitCode = await send(process.argv.slice(2), {
    env: process.env,
    clock: systemClock,
    print: (line) => console.log(line),
    printError: (line) => console.error(line),
  });
