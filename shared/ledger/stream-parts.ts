import { createHash } from "node:crypto";
import { pack, unpack } from "./pack.ts";
import type { Table } from "./table.ts";

/** Records of the XDR stream, by the alert that they are parts of. */
export interface StreamParts {
  /** The same record twice is kept once. Throws RowTooLarge for one that no row can hold. */
  keep(alertId: string, record: unknown, now: Date): Promise<void>;
  /** All that were kept so far. */
  all(alertId: string): Promise<unknown[]>;
}

export function createStreamParts(table: Table): StreamParts {
  // Ids come from outside; a table key takes neither slashes nor any length.
  const partitionOf = (alertId: string) => digest(alertId);
  return {
    async keep(alertId, record, now) {
      const columns = { ...pack(record), alertId: alertId.slice(0, 256), at: now.toISOString() };
      await table.insert({ partitionKey: partitionOf(alertId), rowKey: digest(JSON.stringify(record)), columns });
    },
    async all(alertId) {
      return (await table.partition(partitionOf(alertId))).map(unpack);
    },
  };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 40);
}
