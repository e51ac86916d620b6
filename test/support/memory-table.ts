import type { Row, StoredRow, Table } from "../../shared/ledger/table.ts";

/** A table in memory, for tests that write more rows than an emulator is quick enough for. */
export function memoryTable(): Table {
  const rows = new Map<string, StoredRow>();
  let version = 0;
  const keyOf = ({ partitionKey, rowKey }: Pick<Row, "partitionKey" | "rowKey">) =>
    JSON.stringify([partitionKey, rowKey]);
  const put = (row: Row) => void rows.set(keyOf(row), { ...row, etag: `W/"${++version}"` });
  return {
    get: async (partitionKey, rowKey) => rows.get(keyOf({ partitionKey, rowKey })),
    async insert(row) {
      if (rows.has(keyOf(row))) return "exists";
      put(row);
      return "inserted";
    },
    upsert: async (row) => put(row),
    merge: async (row) => put({ ...row, columns: { ...rows.get(keyOf(row))?.columns, ...row.columns } }),
    async replace(changed) {
      const conflicts = changed.filter((row) => rows.get(keyOf(row))?.etag !== row.etag);
      for (const row of changed) if (!conflicts.includes(row)) put(row);
      return new Set(conflicts.map(({ rowKey }) => rowKey));
    },
    async remove(row) {
      const found = rows.get(keyOf(row));
      if (!found) return "absent";
      if (found.etag !== row.etag) return "changed";
      rows.delete(keyOf(row));
      return "removed";
    },
    partition: async (partitionKey, first) =>
      [...rows.values()]
        .filter((row) => row.partitionKey === partitionKey)
        .sort((a, b) => (a.rowKey < b.rowKey ? -1 : 1))
        .slice(0, first),
  };
}
