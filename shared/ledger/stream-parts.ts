import { createHash } from "node:crypto";
import { pack, unpack } from "./pack.ts";
import type { Table } from "./table.ts";

/** Records of the XDR stream that wait for the rest of their alert. */
export interface StreamParts {
  /** `late` when the alert has been put together. The same record twice is kept once. */
  keep(alertId: string, record: unknown, now: Date): Promise<"kept" | "late">;
  /** From now on records are late. Answers all that were kept; the same again when it is called again. */
  close(alertId: string, now: Date): Promise<unknown[]>;
}

const closedKey = "~closed";

export function createStreamParts(table: Table): StreamParts {
  // Ids come from outside; a table key takes neither slashes nor any length.
  const partitionOf = (alertId: string) => digest(alertId);
  return {
    async keep(alertId, record, now) {
      const partitionKey = partitionOf(alertId);
      const columns = { ...pack(record), alertId: alertId.slice(0, 256), at: now.toISOString() };
      await table.insert({ partitionKey, rowKey: digest(JSON.stringify(record)), columns });
      // Looked at last: a record that came while the alert was put together may or may not be in it, and is reported.
      return (await table.get(partitionKey, closedKey)) ? "late" : "kept";
    },
    async close(alertId, now) {
      const partitionKey = partitionOf(alertId);
      // First the mark, then the reading: what is not read by now finds the mark and is reported as late.
      await table.insert({ partitionKey, rowKey: closedKey, columns: { at: now.toISOString() } });
      const rows = await table.partition(partitionKey);
      return rows.filter(({ rowKey }) => rowKey !== closedKey).map(unpack);
    },
  };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 40);
}
