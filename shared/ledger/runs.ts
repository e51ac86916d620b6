import { pack, unpack } from "./pack.ts";
import { Run } from "./run.ts";
import type { Table } from "./table.ts";

export interface Runs {
  save(run: Run): Promise<void>;
  get(id: string): Promise<Run | undefined>;
}

export function createRuns(table: Table): Runs {
  return {
    async save(run) {
      await table.upsert({
        partitionKey: run.id,
        rowKey: "run",
        columns: { ...pack(run), alertKey: run.alert.key, alertType: run.alert.type },
      });
    },
    async get(id) {
      const row = await table.get(id, "run");
      return row && Run.parse(unpack(row));
    },
  };
}
