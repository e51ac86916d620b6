import type { IpGroup } from "../azure/firewall.ts";
import type { Containment } from "../ledger/containment.ts";

/** https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits#azure-firewall-limits */
export const entriesLimit = 5_000;

export interface Assignment {
  /** Group by containment id: the one that it stands in or will stand in. */
  groupOf: ReadonlyMap<string, string>;
  /** What finds no room, or makes room for something more severe, with the reason. */
  crowdedOut: ReadonlyMap<string, string>;
}

/**
 * Which group each containment's address goes to. What stands stays where it is; what is new goes to the first group with room. When all
 * are full the least severe, and among those the one that was asked for last, makes room for something more severe.
 */
export function assignGroups(
  wanted: readonly Containment[],
  groups: readonly IpGroup[],
  foreign: ReadonlyMap<string, readonly string[]>,
  limit = entriesLimit,
): Assignment {
  const room = new Map(groups.map(({ id }) => [id, limit - (foreign.get(id)?.length ?? 0)]));
  const groupOf = new Map<string, string>();
  const crowdedOut = new Map<string, string>();
  const ranked = wanted.toSorted(
    (a, b) => b.priority - a.priority || a.requestedAt.localeCompare(b.requestedAt) || a.id.localeCompare(b.id),
  );
  // By rank, so that what finds no room is what ranks last; but everybody keeps the group that they already have.
  const total = [...room.values()].reduce((sum, one) => sum + Math.max(0, one), 0);
  const staying = ranked.slice(0, total);
  for (const { id, priority } of ranked.slice(total)) {
    crowdedOut.set(
      id,
      `the IP Groups are full: ${total} of higher or older standing come before one of priority ${priority}`,
    );
  }
  for (const { id, progress } of staying) {
    const group = assignedGroup(progress, room);
    if (group !== undefined) take(id, group, groupOf, room);
  }
  for (const { id } of staying) {
    if (groupOf.has(id)) continue;
    const group = [...room].find(([, left]) => left > 0)?.[0];
    if (group === undefined) crowdedOut.set(id, "no IP Group has room for it");
    else take(id, group, groupOf, room);
  }
  return { groupOf, crowdedOut };
}

function assignedGroup(progress: Containment["progress"], room: ReadonlyMap<string, number>): string | undefined {
  const group = progress?.before.memo.group;
  return typeof group === "string" && (room.get(group) ?? 0) > 0 ? group : undefined;
}

function take(id: string, group: string, groupOf: Map<string, string>, room: Map<string, number>): void {
  groupOf.set(id, group);
  room.set(group, (room.get(group) ?? 0) - 1);
}
