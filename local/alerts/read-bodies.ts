import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { locateJsonError } from "../send/locate-json-error.ts";

/** One body as it might have arrived, with the place in the files where it stands. */
export type Body = { where: string; body: unknown } | { where: string; fault: string };

/** The bodies of a file: one of JSON, or one a line of JSON Lines. `-` is the standard input. Never throws for what is in the file. */
export async function* readBodies(file: string): AsyncGenerator<Body> {
  const where = file === "-" ? "standard input" : file;
  try {
    if (/\.(jsonl|ndjson)$/i.test(file)) {
      yield* readLines(where, createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY }));
      return;
    }
    const text = (file === "-" ? await readStandardInput() : await readFile(file, "utf8")).replace(/^\uFEFF/, "");
    yield* readText(where, text);
  } catch (error) {
    yield { where, fault: `Cannot read ${where}: ${whyNot(error)}` };
  }
}

async function* readText(where: string, text: string): AsyncGenerator<Body> {
  const whole = parse(text);
  if ("value" in whole) {
    yield { where, body: whole.value };
    return;
  }
  const lines = text.split(/\r?\n/);
  // JSON Lines under another name: its first line is whole in itself.
  const first = lines.find((line) => line.trim() !== "");
  if (first !== undefined && lines.length > 1 && "value" in parse(first)) {
    yield* readLines(where, lines);
    return;
  }
  yield { where, fault: `${where} is not JSON: ${whole.fault}` };
}

async function* readLines(where: string, lines: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Body> {
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() === "") continue;
    const at = `${where}:${number}`;
    const parsed = parse(line);
    yield "value" in parsed
      ? { where: at, body: parsed.value }
      : { where: at, fault: `${at} is not JSON: ${parsed.fault}` };
  }
}

function parse(text: string): { value: unknown } | { fault: string } {
  try {
    return { value: JSON.parse(text) };
  } catch {
    const error = locateJsonError(text);
    return { fault: error ? `expected ${error.expected} at line ${error.line}, column ${error.column}` : "unreadable" };
  }
}

async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function whyNot(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EISDIR") return "it is a folder; name files";
  return error instanceof Error ? error.message : String(error);
}
