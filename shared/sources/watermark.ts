import { randomUUID } from "node:crypto";
import { pack, unpack } from "../ledger/pack.ts";
import type { Row, Table } from "../ledger/table.ts";

/** How far each source has been read. What a source keeps there is its own; it checks what it reads. */
export interface Watermarks {
  read(source: string): Promise<{ state: unknown; etag: string } | undefined>;
  /**
   * Writes it, if nobody else did since it was read; without `etag`, if nobody ever did. Answers the new ETag, or undefined when
   * somebody was quicker: then nothing was written.
   */
  save(source: string, state: unknown, etag: string | undefined): Promise<string | undefined>;
}

const partitionKey = "watermark";

export function createWatermarks(table: Table): Watermarks {
  return {
    async read(source) {
      const row = await table.get(partitionKey, source);
      return row && { state: unpack(row), etag: row.etag };
    },

    async save(source, state, etag) {
      const writer = randomUUID();
      const row: Row = { partitionKey, rowKey: source, columns: { ...pack(state), writer } };
      const written =
        etag === undefined
          ? (await table.insert(row)) === "inserted"
          : (await table.replace([{ ...row, etag }])).size === 0;
      if (!written) return undefined;
      // The new ETag is only to be had by reading the row; that it is still ours, the writer tells.
      const now = await table.get(partitionKey, source);
      return now?.columns.writer === writer ? now.etag : undefined;
    },
  };
}
