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
  const json = JSON.stringify(value);
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
