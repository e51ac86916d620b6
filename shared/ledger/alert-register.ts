import type { Row, StoredRow, Table } from "./table.ts";

/**
 * When an alert came into a state, and by whose clock. Products say when they changed an alert, or only the envelope says when it was
 * sent: the two are not compared.
 */
export interface Moment {
  at: string;
  by: "product" | "publisher";
}

/** The product closed an alert. */
export interface Closing {
  status: "resolved" | "dismissed";
  moment?: Moment | undefined;
  falsePositive: boolean;
}

/** What is remembered of an alert. */
export interface KnownAlert {
  /** The run that answers, or answered, it; absent while only its closing is known. */
  runId?: string;
  concluded: boolean;
  closing?: Closing;
  /** The alert as which the same finding was taken on under another id. */
  firstKey?: string;
}

/** What tells that two alerts are one finding: the same `id` within ten minutes, over two different `ways`. */
interface Claim {
  id: string;
  way: string;
  raisedAt: string;
  /** Whom the alert accuses. */
  attackers: readonly string[];
}

/** Which alerts were taken on or closed: the memory that makes the twentieth delivery of an alert a duplicate, also long after its run. */
export interface AlertRegister {
  /** `new` for exactly one caller; for the others what is known of the alert. A closing may be known before the alert: nothing keeps order. */
  take(alertKey: string, runId: string, now: Date): Promise<"new" | KnownAlert>;
  /** From now on that run answers it: what was known of a closing no longer counts. */
  reassign(alertKey: string, runId: string, now: Date): Promise<void>;
  conclude(alertKey: string, runId: string, now: Date): Promise<void>;
  /** Remembers that it is closed; answers what was known before. */
  close(alertKey: string, closing: Closing, now: Date): Promise<KnownAlert | undefined>;
  find(alertKey: string): Promise<KnownAlert | undefined>;
  /** The key of an alert that came another way and accuses at least the same; undefined when there is none. */
  claim(claim: Claim, alertKey: string): Promise<string | undefined>;
  /** The finding is answered by the run of another alert, the first. */
  alias(alertKey: string, firstKey: string, first: KnownAlert, now: Date): Promise<void>;
}

const claimWindowMs = 10 * 60_000;

export function createAlertRegister(table: Table): AlertRegister {
  // Keys end in hexadecimal digits: 256 partitions, so that a flood of alerts does not meet in one.
  const partitionOf = (key: string) => key.slice(-2);
  const rowOf = (rowKey: string, columns: Row["columns"]): Row => ({
    partitionKey: partitionOf(rowKey),
    rowKey,
    columns,
  });
  const get = (rowKey: string) => table.get(partitionOf(rowKey), rowKey);

  /** Reads, changes and writes until nobody came between. */
  async function change(alertKey: string, edit: (found: StoredRow | undefined) => Row["columns"] | undefined) {
    for (;;) {
      const found = await get(alertKey);
      const columns = edit(found);
      if (!columns) return found;
      if (!found) {
        if ((await table.insert(rowOf(alertKey, columns))) === "inserted") return undefined;
      } else if ((await table.replace([{ ...found, columns }])).size === 0) return found;
    }
  }

  return {
    async take(alertKey, runId, now) {
      const row = rowOf(alertKey, { runId, takenAt: now.toISOString(), concluded: false });
      for (;;) {
        if ((await table.insert(row)) === "inserted") return "new";
        const found = await get(alertKey);
        if (found) return readKnown(found);
      }
    },

    async reassign(alertKey, runId, now) {
      await change(alertKey, () => ({ runId, takenAt: now.toISOString(), concluded: false }));
    },

    async conclude(alertKey, runId, now) {
      await table.merge(rowOf(alertKey, { runId, concludedAt: now.toISOString(), concluded: true }));
    },

    async close(alertKey, { status, moment, falsePositive }, now) {
      const found = await change(alertKey, (row) => {
        const known = row && readKnown(row).closing;
        // An older closing must not take back what a later one said.
        if (known && isLater(known.moment, moment)) return undefined;
        const closing = { closedAs: status, closedAt: moment?.at ?? "", closedBy: moment?.by ?? "", falsePositive };
        return { ...row?.columns, ...closing, closingSeenAt: now.toISOString() };
      });
      return found && readKnown(found);
    },

    async find(alertKey) {
      const found = await get(alertKey);
      return found && readKnown(found);
    },

    async claim({ id, way, raisedAt, attackers }, alertKey) {
      const at = Date.parse(raisedAt);
      const bucket = Math.floor(at / claimWindowMs);
      // First its own, then the look at the other way's: of two at the same moment at least one sees the other.
      const columns = { alertKey, raisedAt, attackers: attackers.join(" ") };
      await table.insert(rowOf(`claim-${bucket}-${way}-${id}`, columns));
      const other = way === "cloud" ? "xdr" : "cloud";
      for (const neighbour of [bucket - 1, bucket, bucket + 1]) {
        const found = await get(`claim-${neighbour}-${other}-${id}`);
        if (!found) continue;
        const accused = new Set(String(found.columns.attackers).split(" "));
        const near = Math.abs(Date.parse(String(found.columns.raisedAt)) - at) <= claimWindowMs;
        if (near && attackers.every((attacker) => accused.has(attacker))) return String(found.columns.alertKey);
      }
      return undefined;
    },

    async alias(alertKey, firstKey, { runId = "", concluded }, now) {
      await table.insert(rowOf(alertKey, { runId, firstKey, takenAt: now.toISOString(), concluded }));
    },
  };
}

function readKnown({ columns }: Row): KnownAlert {
  const { runId, concluded, firstKey } = columns;
  const closing = readClosing(columns);
  return {
    concluded: concluded === true,
    ...(typeof runId === "string" && runId !== "" ? { runId } : {}),
    ...(closing ? { closing } : {}),
    ...(typeof firstKey === "string" ? { firstKey } : {}),
  };
}

function readClosing({ closedAs, closedAt, closedBy, falsePositive }: Row["columns"]): Closing | undefined {
  if (closedAs !== "resolved" && closedAs !== "dismissed") return undefined;
  const closing: Closing = { status: closedAs, falsePositive: falsePositive === true };
  if (closedBy !== "product" && closedBy !== "publisher") return closing;
  return { ...closing, moment: { at: String(closedAt), by: closedBy } };
}

/** Whether the first is known to be later: moments of two clocks, or none, tell nothing. */
export function isLater(one: Moment | undefined, other: Moment | undefined): boolean {
  return one !== undefined && other !== undefined && one.by === other.by && one.at > other.at;
}
