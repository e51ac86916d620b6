import type { Blocking, IpGroup } from "../azure/firewall.ts";
import { type Containment, isWanted } from "../ledger/containment.ts";
import type { Held } from "../ledger/containments.ts";
import type { StepOutcome } from "../ledger/run.ts";
import type { Responder } from "../responders/responder.ts";
import { assignGroups } from "./assign-groups.ts";

/** What the IP Groups of one firewall should hold, by the ledger and by what stands in them. */
export interface GroupView {
  wanted: readonly Held[];
  due: readonly Held[];
  /** Why some of the wanted cannot stand. */
  cannot: ReadonlyMap<string, string>;
  /** Group by containment id. */
  groupOf: ReadonlyMap<string, string>;
  /** The whole list of each group. */
  desired: ReadonlyMap<string, readonly string[]>;
}

/**
 * Stands in a group that would be empty. Some regions refuse an empty list (`IPGroupsIPAddressCountZero`,
 * https://github.com/Azure/bicep-registry-modules/issues/6747), and then the last block could not be ended. Nobody has an address of
 * 240.0.0.0/4 (https://www.rfc-editor.org/rfc/rfc1112#section-4).
 */
export const placeholder = "240.0.0.1";

export interface GroupRules {
  responders: ReadonlyMap<string, Responder>;
  /** Why nothing may be sent to it: asked again right before sending. */
  forbids(containment: Containment): string | undefined;
}

export function viewGroups(held: readonly Held[], now: Date, groups: readonly IpGroup[], rules: GroupRules): GroupView {
  const wanted = held.filter(({ containment }) => isWanted(containment, now));
  const due = held.filter(({ containment }) => !isWanted(containment, now));
  const cannot = new Map<string, string>();
  const placed: Containment[] = [];
  for (const { containment } of wanted) {
    const reason =
      rules.forbids(containment) ?? (entryOf(containment, rules) === undefined ? "its responder is gone" : undefined);
    if (reason !== undefined) cannot.set(containment.id, reason);
    else if (containment.progress?.before.held !== true) placed.push(containment);
  }
  // Whatever no containment of ours put there is somebody else's.
  const ours = new Set(
    held.flatMap(({ containment }) =>
      containment.progress?.before.held === false ? (entryOf(containment, rules) ?? []) : [],
    ),
  );
  const isOurs = (entry: string) => ours.has(bare(entry)) || bare(entry) === placeholder;
  const foreign = new Map(groups.map(({ id, addresses }) => [id, addresses.filter((entry) => !isOurs(entry))]));
  const { groupOf, crowdedOut } = assignGroups(placed, groups, foreign);
  for (const [id, reason] of crowdedOut) cannot.set(id, reason);
  const own = Map.groupBy(
    placed.filter(({ id }) => groupOf.has(id)),
    ({ id }) => groupOf.get(id),
  );
  const desired = new Map(
    groups.map(({ id, addresses }) => {
      const entries = (own.get(id) ?? []).flatMap((containment) => entryOf(containment, rules) ?? []);
      const list = [...new Set([...(foreign.get(id) ?? []), ...entries])].sort();
      // What never held anything may stay empty.
      return [id, list.length > 0 || addresses.length === 0 ? list : [placeholder]];
    }),
  );
  return { wanted, due, cannot, groupOf, desired };
}

/** Where each wanted containment stands, now that these groups were read and some of them are being written. */
export function judgeGroups(
  { wanted, cannot, groupOf }: GroupView,
  { blocking, groups }: { blocking: Blocking; groups: readonly IpGroup[] },
  beingWritten: ReadonlySet<string>,
  now: Date,
): StepOutcome[] {
  const at = now.toISOString();
  return wanted.map(({ containment }): StepOutcome => {
    const { id, progress, acceptedAt = at, verifiedAt, state } = containment;
    const reason = cannot.get(id);
    if (reason !== undefined) return { containment: id, state: "failed", reason };
    const place = progress?.before.held ? progress.before.memo.group : groupOf.get(id);
    const group = groups.find((one) => one.id === place);
    if (!progress || !group) return { containment: id, state: "requested", reason: "waits for its turn" };
    const known = { containment: id, acceptedAt, ...(verifiedAt === undefined ? {} : { verifiedAt }) };
    if (beingWritten.has(group.id)) {
      // What stood before a write stands during it.
      return state === "verified"
        ? { ...known, state }
        : { ...known, state: "accepted", reason: "the firewall is being updated" };
    }
    if (group.state !== "Succeeded")
      return { ...known, state: "accepted", reason: `the IP Group ${nameOf(group.id)} says ${group.state}` };
    if (blocking.doubts.length > 0) return { ...known, state: "accepted", reason: blocking.doubts.join("; ") };
    const adopted = progress.before.held
      ? { reason: `it was ${progress.before.summary}: a release leaves it there` }
      : {};
    return { ...known, state: "verified", verifiedAt: verifiedAt ?? at, ...adopted };
  });
}

/** What a containment puts into a group; undefined where its responder is gone. */
export function entryOf(
  { responder: id, target }: Containment,
  { responders }: Pick<GroupRules, "responders">,
): string | undefined {
  const responder = responders.get(id);
  return responder?.point === "firewall" && target.kind === "address" ? responder.address(target) : undefined;
}

/** Azure shows a single address with and without its prefix length. */
export function bare(entry: string): string {
  return entry.replace(/\/32$/, "");
}

export function sameEntries(a: readonly string[], b: readonly string[]): boolean {
  const left = new Set(a.map(bare));
  const right = new Set(b.map(bare));
  return left.size === right.size && [...left].every((entry) => right.has(entry));
}

export function nameOf(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
