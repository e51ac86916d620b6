import type { Table } from "./table.ts";

/** Which alerts were taken on: the memory that makes the twentieth delivery of an alert a duplicate, also long after its run. */
export interface AlertRegister {
  /** `new` for exactly one caller; for the others the run that has it, and whether that run has concluded. */
  take(alertKey: string, runId: string, now: Date): Promise<"new" | { runId: string; concluded: boolean }>;
  conclude(alertKey: string, runId: string, now: Date): Promise<void>;
}

export function createAlertRegister(table: Table): AlertRegister {
  // Keys end in hexadecimal digits: 256 partitions, so that a flood of alerts does not meet in one.
  const partitionOf = (key: string) => key.slice(-2);
  return {
    async take(alertKey, runId, now) {
      const row = {
        partitionKey: partitionOf(alertKey),
        rowKey: alertKey,
        columns: { runId, takenAt: now.toISOString(), concluded: false },
      };
      for (;;) {
        if ((await table.insert(row)) === "inserted") return "new";
        const found = await table.get(row.partitionKey, alertKey);
        if (found) return { runId: String(found.columns.runId), concluded: found.columns.concluded === true };
      }
    },
    async conclude(alertKey, runId, now) {
      await table.upsert({
        partitionKey: partitionOf(alertKey),
        rowKey: alertKey,
        columns: { runId, concludedAt: now.toISOString(), concluded: true },
      });
    },
  };
}
