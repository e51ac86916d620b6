import type { Row, Table } from "./table.ts";

/** A run that answers, or answered, an alert. */
export interface Registered {
  runId: string;
  concluded: boolean;
}

/** The product closed an alert. `changedAt` is when, as far as anything says. */
interface Closing {
  status: "resolved" | "dismissed";
  changedAt?: string | undefined;
  falsePositive: boolean;
}

/** What tells that two alerts with different ids are one finding: the same `id` within ten minutes. */
interface Fingerprint {
  id: string;
  raisedAt: string;
}

/** Which alerts were taken on or closed: the memory that makes the twentieth delivery of an alert a duplicate, also long after its run. */
export interface AlertRegister {
  /**
   * `new` for exactly one caller; for the others the run that has it, and whether that run has concluded. A closing that came before the
   * alert it closes, as nothing keeps their order, answers in its place, unless the alert changed after it.
   */
  take(
    alertKey: string,
    runId: string,
    changedAt: string | undefined,
    now: Date,
  ): Promise<"new" | Registered | Closing>;
  conclude(alertKey: string, runId: string, now: Date): Promise<void>;
  /** Remembers that it is closed; answers the run that had taken it on before. */
  close(alertKey: string, closing: Closing, now: Date): Promise<Registered | undefined>;
  isFalsePositive(alertKey: string): Promise<boolean>;
  find(alertKey: string): Promise<Registered | undefined>;
  /** The key of the first alert with that fingerprint: the caller's own when it is the first. */
  claim(fingerprint: Fingerprint, alertKey: string): Promise<string>;
  /** From now on this alert is answered by that run, which another one started. */
  alias(alertKey: string, registered: Registered, now: Date): Promise<void>;
}

const fingerprintWindowMs = 10 * 60_000;

export function createAlertRegister(table: Table): AlertRegister {
  // Keys end in hexadecimal digits: 256 partitions, so that a flood of alerts does not meet in one.
  const partitionOf = (key: string) => key.slice(-2);
  const rowOf = (alertKey: string, columns: Row["columns"]): Row => ({
    partitionKey: partitionOf(alertKey),
    rowKey: alertKey,
    columns,
  });
  const get = (alertKey: string) => table.get(partitionOf(alertKey), alertKey);

  async function claimed(fingerprint: string): Promise<{ alertKey: string; raisedAt: number } | undefined> {
    const row = await table.get(partitionOf(fingerprint), fingerprint);
    return row && { alertKey: String(row.columns.alertKey), raisedAt: Date.parse(String(row.columns.raisedAt)) };
  }

  return {
    async take(alertKey, runId, changedAt, now) {
      const row = rowOf(alertKey, { runId, takenAt: now.toISOString(), concluded: false });
      for (;;) {
        if ((await table.insert(row)) === "inserted") return "new";
        const found = await get(alertKey);
        if (!found) continue;
        const registered = readRegistered(found);
        if (registered) return registered;
        const closing = readClosing(found);
        if (!closing || !isLater(changedAt, closing.changedAt)) return closing ?? closedLongAgo;
        const conflicts = await table.replace([{ ...row, etag: found.etag }]);
        if (conflicts.size === 0) return "new";
      }
    },

    async conclude(alertKey, runId, now) {
      await table.upsert(rowOf(alertKey, { runId, concludedAt: now.toISOString(), concluded: true }));
    },

    async close(alertKey, { status, changedAt, falsePositive }, now) {
      const closing = { closedAs: status, closedAt: changedAt ?? now.toISOString(), falsePositive };
      for (;;) {
        const found = await get(alertKey);
        if (!found) {
          if ((await table.insert(rowOf(alertKey, closing))) === "inserted") return undefined;
          continue;
        }
        const known = readClosing(found);
        // An older closing must not take back what a later one said.
        if (known && isLater(known.changedAt, closing.closedAt)) return readRegistered(found);
        const conflicts = await table.replace([{ ...found, columns: { ...found.columns, ...closing } }]);
        if (conflicts.size === 0) return readRegistered(found);
      }
    },

    async isFalsePositive(alertKey) {
      const found = await get(alertKey);
      return found?.columns.falsePositive === true;
    },

    async find(alertKey) {
      const found = await get(alertKey);
      return found && readRegistered(found);
    },

    async claim({ id, raisedAt }, alertKey) {
      const at = Date.parse(raisedAt);
      const bucket = Math.floor(at / fingerprintWindowMs);
      // The two products date one finding a little differently: it may lie on either side of a border.
      for (const neighbour of [bucket - 1, bucket + 1]) {
        const other = await claimed(`${neighbour}-${id}`);
        if (other && other.alertKey !== alertKey && Math.abs(other.raisedAt - at) <= fingerprintWindowMs)
          return other.alertKey;
      }
      const own = `${bucket}-${id}`;
      const row = { partitionKey: partitionOf(own), rowKey: own, columns: { alertKey, raisedAt } };
      if ((await table.insert(row)) === "inserted") return alertKey;
      return (await claimed(own))?.alertKey ?? alertKey;
    },

    async alias(alertKey, { runId, concluded }, now) {
      await table.insert(rowOf(alertKey, { runId, takenAt: now.toISOString(), concluded }));
    },
  };
}

const closedLongAgo: Closing = { status: "resolved", falsePositive: false };

function readRegistered({ columns }: Row): Registered | undefined {
  if (typeof columns.runId !== "string") return undefined;
  return { runId: columns.runId, concluded: columns.concluded === true };
}

function readClosing({ columns }: Row): Closing | undefined {
  const { closedAs, closedAt, falsePositive } = columns;
  if (closedAs !== "resolved" && closedAs !== "dismissed") return undefined;
  return { status: closedAs, changedAt: String(closedAt), falsePositive: falsePositive === true };
}

/** Whether the first is known to be later: what does not say when it changed is taken for older. */
function isLater(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one > other;
}
