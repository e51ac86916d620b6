import { gunzipSync, gzipSync } from "node:zlib";
import type { Column, Row } from "./table.ts";

/** Table Storage holds 64 KiB in one property (UTF-16 text: 32 Ki characters) and 1 MiB in one row. */
const textLimit = 32_000;
const chunkSize = 64 * 1024;
const chunkLimit = 14;

export class RowTooLarge extends Error {
  override readonly name = "RowTooLarge";
}

/** A value as columns: readable JSON where it fits into one, compressed chunks where it does not. */
export function pack(value: unknown): Record<string, Column> {
  const json = toJson(value);
  if (json.length <= textLimit) return { json };
  const compressed = gzipSync(json);
  const chunks = Math.ceil(compressed.length / chunkSize);
  if (chunks > chunkLimit)
    throw new RowTooLarge(`a value of ${json.length} characters does not fit into one row of the ledger`);
  return Object.fromEntries(
    Array.from({ length: chunks }, (_, index) => [
      `gzip${index}`,
      new Uint8Array(compressed.subarray(index * chunkSize, (index + 1) * chunkSize)),
    ]),
  );
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    // JSON.parse reads nesting of any depth; writing it goes as deep as the stack.
    if (cause instanceof RangeError)
      throw new RowTooLarge("a value is nested too deep for a row of the ledger", { cause });
    throw cause;
  }
}

export function unpack({ columns }: Row): unknown {
  if (typeof columns.json === "string") return JSON.parse(columns.json);
  const chunks: Uint8Array[] = [];
  for (let index = 0; ; index++) {
    const chunk = columns[`gzip${index}`];
    if (!(chunk instanceof Uint8Array)) break;
    chunks.push(chunk);
  }
  return JSON.parse(gunzipSync(Buffer.concat(chunks)).toString("utf8"));
}
