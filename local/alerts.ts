import { parseArgs } from "node:util";
import { printableJson } from "../shared/printable.ts";
import { readBodies } from "./alerts/read-bodies.ts";
import { createShapeReport } from "./alerts/shape-report.ts";
import { describeReading, summarise } from "./alerts/text-report.ts";
import { type ReadBody, readBody, startJoining } from "./alerts/what-would-be-read.ts";

const usage = `npm run alerts -- FILE… [--json | --quiet] [--shapes]

Shows what Portcullis would make of alerts, without sending them anywhere: the family, the Alert with its entities and
their roles, what was left out and why. FILE holds JSON (one payload, an event, a list, an API's answer) or JSON Lines; - is
the standard input.

  --json     one JSON object a line for each payload
  --quiet    only what was refused, and the summary
  --shapes   the fields of each family that the documentation of its shape does not name, with how often they occur

Exit code: 0 everything was read, 1 something was refused, 2 a file could not be read.`;

interface Surroundings {
  print(line: string): void;
  printError(line: string): void;
}

/** Exit code as in the usage. */
export async function alerts(args: string[], { print, printError }: Surroundings): Promise<0 | 1 | 2> {
  const asked = readArguments(args);
  if ("fault" in asked) {
    printError(`${asked.fault}\n\n${usage}`);
    return 2;
  }
  if (asked.help) {
    print(usage);
    return 0;
  }
  const shapes = asked.shapes ? createShapeReport() : undefined;
  const tally = new Map<string, number>();
  let unreadable = false;
  const show = ({ where, family, reading }: ReadBody) => {
    const kind = Object.keys(reading)[0] ?? "";
    tally.set(kind, (tally.get(kind) ?? 0) + 1);
    if (asked.json) print(printableJson({ where, family, ...reading }));
    else if (!asked.quiet || kind === "refused")
      for (const line of describeReading(where, family, reading)) print(line);
  };

  for (const file of asked.files) {
    const joining = startJoining(file);
    for await (const body of readBodies(file)) {
      if ("fault" in body) {
        unreadable = true;
        printError(body.fault);
        continue;
      }
      for (const read of readBody(body)) {
        shapes?.add(read.family, read.payload);
        // A record of the XDR stream is shown as part of its alert.
        if (!joining.take(read)) show(read);
      }
    }
    for (const joined of joining.finish()) show(joined);
  }
  if (shapes) for (const line of shapes.lines()) print(line);
  if (!asked.json) print(summarise(tally));
  return unreadable ? 2 : tally.has("refused") ? 1 : 0;
}

function readArguments(args: string[]) {
  try {
    const { values, positionals: files } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        quiet: { type: "boolean", default: false },
        shapes: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (files.length === 0 && !values.help) return { fault: "Name at least one file." };
    if (values.json && values.quiet) return { fault: "--json and --quiet exclude each other." };
    return { ...values, files };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

if (import.meta.main) {
  // `| head` closes the pipe: nobody is left to tell.
  process.stdout.on("error", () => process.exit(0));
  process.exitCode = await alerts(process.argv.slice(2), {
    print: (line) => console.log(line),
    printError: (line) => console.error(line),
  });
}
