import { readFile } from "node:fs/promises";
import { CannotSend } from "./cannot-send.ts";
import { locateJsonError } from "./locate-json-error.ts";

/** Throws CannotSend. */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = (await readText(path)).replace(/^\uFEFF/, "");
  const error = locateJsonError(text);
  if (error)
    throw new CannotSend(
      "usage",
      `${path} is not JSON: expected ${error.expected} at line ${error.line}, column ${error.column}`,
    );
  return JSON.parse(text);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new CannotSend("usage", `Cannot read ${path}: ${whyNot(cause)}`, { cause });
  }
}

function whyNot(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EISDIR") return "it is a folder; name one JSON file";
  return cause instanceof Error ? cause.message : String(cause);
}
