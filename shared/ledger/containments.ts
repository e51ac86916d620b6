import { isDeepStrictEqual } from "node:util";
import { type Clock, systemClock } from "../clock.ts";
import { Containment, type EnforcementPoint, type Owner } from "./containment.ts";
import { pack, unpack } from "./pack.ts";
import type { StepOutcome } from "./run.ts";
import type { Row, StoredRow, Table } from "./table.ts";
import { addressOf, type Target } from "./target.ts";

/** A containment with the version it was read at. */
export interface Held {
  containment: Containment;
  row: StoredRow;
}

interface Wish {
  id: string;
  responder: string;
  point: EnforcementPoint;
  target: Target;
  /** How severe the alert is that asks: 3 High to 0 Informational. */
  priority?: number;
  owner: Owner;
}

/** What a pass found out about a containment. */
export interface Settlement {
  held: Held;
  outcome: StepOutcome;
}

export interface Containments {
  /**
   * Adds an owner, making the containment if it is new. Safe to repeat: an owner counts once, with its first end. One whose time is over
   * may ask again in another run.
   */
  own(wish: Wish, now: Date): Promise<Containment>;
  get(point: EnforcementPoint["key"], id: string): Promise<Held | undefined>;
  /** All that is wanted or still standing at one enforcement point. */
  at(point: EnforcementPoint["key"]): Promise<Held[]>;
  /**
   * Reads, changes and writes one until nobody came between; the change gives undefined to leave it as it is. Answers what then stands,
   * undefined where there is none.
   */
  update(
    point: EnforcementPoint["key"],
    id: string,
    edit: (containment: Containment) => Containment | undefined,
  ): Promise<Containment | undefined>;
  /** Writes whole containments; one that somebody changed meanwhile is left as it is. */
  replace(changes: readonly { held: Held; next: Containment }[]): Promise<void>;
  /** Writes new states; a containment that somebody changed meanwhile is left for the next pass, which that change brings about. */
  settle(settlements: readonly Settlement[]): Promise<void>;
  /** Ends every owner's time, so that the next pass releases it. */
  end(point: EnforcementPoint["key"], id: string, reason: string, now: Date): Promise<Containment | undefined>;
  /** Ends one owner's time; false when it is none of the owners. Safe to repeat until the containment is gone. */
  disown(point: EnforcementPoint["key"], id: string, ownerId: string, reason: string, now: Date): Promise<boolean>;
  /** Moves them from what stands to what stood. */
  release(held: readonly Held[], now: Date): Promise<void>;
  /** What stood, the newest first; the latest two hundred. */
  released(point: EnforcementPoint["key"]): Promise<Containment[]>;
}

const attempts = 20;
const ownerLimit = 500;
const releasesAtOnce = 16;
const releasedShown = 200;

class LedgerContended extends Error {
  override readonly name = "LedgerContended";
}

export function createContainments(
  live: Table,
  history: Table,
  { sleep }: Pick<Clock, "sleep"> = systemClock,
): Containments {
  async function read(point: string, id: string): Promise<Held | undefined> {
    const row = await live.get(point, id);
    return row && { row, containment: parse(row) };
  }

  /** Reads, changes and writes until nobody came between. */
  async function change(
    point: string,
    id: string,
    edit: (found: Held) => Containment | undefined,
  ): Promise<Held | undefined> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const found = await read(point, id);
      if (!found) return undefined;
      const edited = edit(found);
      if (!edited) return found;
      const conflicts = await live.replace([{ ...toRow(edited), etag: found.row.etag }]);
      if (conflicts.size === 0) return { ...found, containment: edited };
      // Fifty alerts about one address write one row: without some disorder they lose to each other in step.
      await sleep(Math.random() * Math.min(10 * 2 ** attempt, 1000));
    }
    throw new LedgerContended(`containment ${id} was changed by others ${attempts} times in a row`);
  }

  return {
    get: read,

    async own({ id, responder, point, target, priority = 0, owner }, now) {
      const fresh: Containment = {
        id,
        responder,
        point,
        target,
        priority,
        owners: [owner],
        state: "requested",
        requestedAt: now.toISOString(),
      };
      for (let attempt = 0; attempt < attempts; attempt++) {
        const changed = await change(point.key, id, ({ containment }) =>
          containment.owners.some((known) => isSameWish(known, owner, now))
            ? undefined
            : {
                ...containment,
                priority: Math.max(containment.priority, priority),
                owners: withOwner(containment.owners, owner, now),
              },
        );
        if (changed) return changed.containment;
        if ((await live.insert(toRow(fresh))) === "inserted") return fresh;
      }
      throw new LedgerContended(`containment ${id} came and went ${attempts} times in a row`);
    },

    async update(point, id, edit) {
      const changed = await change(point, id, ({ containment }) => {
        const next = edit(containment);
        return isDeepStrictEqual(next, containment) ? undefined : next;
      });
      return changed?.containment;
    },

    async at(point) {
      const rows = await live.partition(point);
      return rows.map((row) => ({ row, containment: parse(row) }));
    },

    async replace(changes) {
      const rows = changes.map(({ held, next }) => ({ ...toRow(next), etag: held.row.etag }));
      if (rows.length > 0) await live.replace(rows);
    },

    async settle(settlements) {
      const rows = settlements.flatMap(({ held, outcome }) => {
        const next = withOutcome(held.containment, outcome);
        return isDeepStrictEqual(next, held.containment) ? [] : [{ ...toRow(next), etag: held.row.etag }];
      });
      if (rows.length > 0) await live.replace(rows);
    },

    async end(point, id, reason, now) {
      const at = now.toISOString();
      const ended = await change(point, id, ({ containment }) => ({
        ...containment,
        reason,
        owners: containment.owners.map((owner) => (owner.expiresAt > at ? { ...owner, expiresAt: at } : owner)),
      }));
      return ended?.containment;
    },

    async disown(point, id, ownerId, reason, now) {
      const at = now.toISOString();
      const held = await change(point, id, ({ containment }) => {
        const runsOn = ({ id: owner, expiresAt }: Owner) => owner === ownerId && expiresAt > at;
        if (!containment.owners.some(runsOn)) return undefined;
        const owners = containment.owners.map((owner) => (runsOn(owner) ? { ...owner, expiresAt: at } : owner));
        const wantedByOthers = owners.some(({ expiresAt }) => expiresAt > at);
        return { ...containment, ...(wantedByOthers ? {} : { reason }), owners };
      });
      return held?.containment.owners.some((owner) => owner.id === ownerId) ?? false;
    },

    async release(held, now) {
      const one = async ({ containment, row }: Held) => {
        const released: Containment = { ...containment, state: "released", releasedAt: now.toISOString() };
        // First the record, then the removal: a crash between the two repeats both.
        const record = { ...toRow(released), rowKey: `${newestFirst(released.requestedAt)}~${released.id}` };
        await history.upsert(record);
        // Somebody asked for it in the meantime: it stands on.
        if ((await live.remove(row)) === "changed") await history.remove({ ...record, etag: "*" });
      };
      for (let start = 0; start < held.length; start += releasesAtOnce) {
        await Promise.all(held.slice(start, start + releasesAtOnce).map(one));
      }
    },

    async released(point) {
      return (await history.partition(point, releasedShown)).map(parse);
    },
  };
}

function isSameWish(known: Owner, { id, runId }: Owner, now: Date): boolean {
  return known.id === id && (known.runId === runId || Date.parse(known.expiresAt) > now.getTime());
}

/** Tables sort by row key, ascending. */
function newestFirst(instant: string): string {
  return String(9_999_999_999_999 - Date.parse(instant)).padStart(13, "0");
}

function withOutcome(containment: Containment, { containment: _id, ...outcome }: StepOutcome): Containment {
  const { reason: _reason, acceptedAt: _acceptedAt, verifiedAt, ...lasting } = containment;
  // That it once was verified stays on record, also while it is in doubt.
  return { ...lasting, ...(verifiedAt === undefined ? {} : { verifiedAt }), ...outcome };
}

/** Expired owners go first, then those that end soonest: the row has an end, and the containment's own end is the latest one. */
function withOwner(owners: readonly Owner[], owner: Owner, now: Date): Owner[] {
  const wanted = owners.filter(({ expiresAt }) => Date.parse(expiresAt) > now.getTime());
  return [...wanted, owner].sort((a, b) => b.expiresAt.localeCompare(a.expiresAt)).slice(0, ownerLimit);
}

function toRow(containment: Containment): Row {
  const { id, point, responder, state, target, owners } = containment;
  const until =
    owners
      .map(({ expiresAt }) => expiresAt)
      .sort()
      .at(-1) ?? "";
  return {
    partitionKey: point.key,
    rowKey: id,
    // The columns beside the JSON are for people who open the table.
    columns: { ...pack(containment), responder, state, until, address: addressOf(target) ?? "", owners: owners.length },
  };
}

function parse(row: StoredRow): Containment {
  return Containment.parse(unpack(row));
}
