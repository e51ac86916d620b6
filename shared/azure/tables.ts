import type { TableClient } from "@azure/data-tables";
import type { Settings } from "../config.ts";
import { isLoopback } from "../config.ts";
import type { Column, Row, StoredRow, Table } from "../ledger/table.ts";
import type { Connection } from "./connection.ts";
import { timeLimit } from "./time-limit.ts";

/** The account that every Azurite has, published by Microsoft: https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key */
const developmentAccount = {
  name: "devstoreaccount1",
  key: "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
};

/** A transaction of Table Storage takes 100 rows of one partition. */
const transactionLimit = 100;

/** Opens a table; one that does not exist yet is made by the first call that misses it. */
export async function openTable(
  name: string,
  settings: Settings,
  connection: () => Promise<Connection>,
): Promise<Table> {
  const sdk = await import("@azure/data-tables");
  const endpoint = settings.PORTCULLIS_TABLE_ENDPOINT;
  const fullName = `${settings.PORTCULLIS_TABLE_PREFIX}${name}`;
  const options = { retryOptions: { maxRetries: 3 }, additionalPolicies: [timeLimit] };
  const client = isLoopback(endpoint)
    ? new sdk.TableClient(
        endpoint,
        fullName,
        new sdk.AzureNamedKeyCredential(developmentAccount.name, developmentAccount.key),
        {
          ...options,
          allowInsecureConnection: true,
        },
      )
    : new sdk.TableClient(endpoint, fullName, (await connection()).credential, options);
  return createTable(client);
}

function createTable(client: TableClient): Table {
  async function call<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (error) {
      if (codeOf(error) !== "TableNotFound") throw error;
      await client.createTable();
      return operation();
    }
  }

  async function replaceOne(row: StoredRow): Promise<boolean> {
    try {
      await client.updateEntity(toEntity(row), "Replace", { etag: row.etag });
      return true;
    } catch (error) {
      if (isStatus(error, 412, 404)) return false;
      throw error;
    }
  }

  return {
    async get(partitionKey, rowKey) {
      try {
        return fromEntity(await call(() => client.getEntity(partitionKey, rowKey)));
      } catch (error) {
        if (isStatus(error, 404)) return undefined;
        throw error;
      }
    },

    async insert(row) {
      try {
        await call(() => client.createEntity(toEntity(row)));
        return "inserted";
      } catch (error) {
        if (isStatus(error, 409)) return "exists";
        throw error;
      }
    },

    async upsert(row) {
      await call(() => client.upsertEntity(toEntity(row), "Replace"));
    },

    async merge(row) {
      await call(() => client.upsertEntity(toEntity(row), "Merge"));
    },

    async replace(rows) {
      const conflicts = new Set<string>();
      for (let start = 0; start < rows.length; start += transactionLimit) {
        const batch = rows.slice(start, start + transactionLimit);
        if (batch.length > 1 && (await replaceTogether(client, batch))) continue;
        for (const row of batch) if (!(await replaceOne(row))) conflicts.add(row.rowKey);
      }
      return conflicts;
    },

    async remove({ partitionKey, rowKey, etag }) {
      try {
        await client.deleteEntity(partitionKey, rowKey, { etag });
        return "removed";
      } catch (error) {
        if (isStatus(error, 404)) return "absent";
        if (isStatus(error, 412)) return "changed";
        throw error;
      }
    },

    async partition(partitionKey, first = Number.POSITIVE_INFINITY) {
      const { odata } = await import("@azure/data-tables");
      return call(async () => {
        const rows: StoredRow[] = [];
        for await (const entity of client.listEntities({
          queryOptions: { filter: odata`PartitionKey eq ${partitionKey}` },
        })) {
          if (rows.length >= first) break;
          rows.push(fromEntity(entity));
        }
        return rows;
      });
    },
  };
}

async function replaceTogether(client: TableClient, rows: readonly StoredRow[]): Promise<boolean> {
  try {
    await client.submitTransaction(rows.map((row) => ["update", toEntity(row), "Replace", { etag: row.etag }]));
    return true;
  } catch (error) {
    // One row that somebody changed, or a batch over 4 MiB, refuses them all: then each is tried by itself.
    if (isStatus(error, 412, 404, 413)) return false;
    throw error;
  }
}

function toEntity({ partitionKey, rowKey, columns }: Row): {
  partitionKey: string;
  rowKey: string;
  [column: string]: Column;
} {
  return { ...columns, partitionKey, rowKey };
}

function fromEntity(entity: { [key: string]: unknown }): StoredRow {
  const columns: Record<string, Column> = {};
  for (const [name, value] of Object.entries(entity)) {
    if (
      name === "partitionKey" ||
      name === "rowKey" ||
      name === "timestamp" ||
      name === "etag" ||
      name.startsWith("odata")
    )
      continue;
    if (
      typeof value === "string" ||
      typeof value === "number" ||
      typeof value === "boolean" ||
      value instanceof Uint8Array
    )
      columns[name] = value;
  }
  return {
    partitionKey: String(entity.partitionKey),
    rowKey: String(entity.rowKey),
    etag: String(entity.etag),
    columns,
  };
}

function isStatus(error: unknown, ...statuses: number[]): boolean {
  return (
    typeof error === "object" && error !== null && "statusCode" in error && statuses.includes(Number(error.statusCode))
  );
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  if ("code" in error && typeof error.code === "string" && error.code !== "RestError") return error.code;
  const details = "details" in error ? error.details : undefined;
  const odataError =
    typeof details === "object" && details !== null && "odataError" in details ? details.odataError : undefined;
  return typeof odataError === "object" && odataError !== null && "code" in odataError
    ? String(odataError.code)
    : undefined;
}
