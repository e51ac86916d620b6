/** A row of Azure Table Storage: https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model */
export interface Row {
  partitionKey: string;
  rowKey: string;
  columns: Readonly<Record<string, Column>>;
}

export type Column = string | number | boolean | Uint8Array;

export interface StoredRow extends Row {
  etag: string;
}

/** The part of Table Storage that the ledger stands on. Every method may be called again after a crash with the same result. */
export interface Table {
  get(partitionKey: string, rowKey: string): Promise<StoredRow | undefined>;
  insert(row: Row): Promise<"inserted" | "exists">;
  upsert(row: Row): Promise<void>;
  /** Writes these columns and leaves the row's others; makes the row if there is none. */
  merge(row: Row): Promise<void>;
  /** Replaces rows of one partition that nobody changed since they were read; answers the row keys of those that somebody did. */
  replace(rows: readonly StoredRow[]): Promise<ReadonlySet<string>>;
  /** Deletes a row that nobody changed since it was read. */
  remove(row: StoredRow): Promise<"removed" | "changed" | "absent">;
  /** By row key, ascending; all of them, or the first so many. */
  partition(partitionKey: string, first?: number): Promise<StoredRow[]>;
}
