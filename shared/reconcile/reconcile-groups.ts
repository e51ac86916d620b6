import { AzureError } from "../azure/azure-error.ts";
import { type Blocking, type Firewall, type IpGroup, ownershipTag } from "../azure/firewall.ts";
import type { Clock } from "../clock.ts";
import { type Containment, type EnforcementPoint, isWanted } from "../ledger/containment.ts";
import type { Containments, Held } from "../ledger/containments.ts";
import type { StepOutcome } from "../ledger/run.ts";
import { failAll } from "./fail-all.ts";
import {
  bare,
  entryOf,
  type GroupRules,
  type GroupView,
  judgeGroups,
  nameOf,
  sameEntries,
  viewGroups,
} from "./group-view.ts";
import type { Pass, PassOptions, WriteUnderWay } from "./pass.ts";

export interface GroupReconciler extends GroupRules {
  containments: Containments;
  firewall: Firewall;
  clock: Clock;
}

const retryMs = 15_000;

/**
 * Makes the IP Groups of one Firewall Policy hold what the ledger says, beside whatever else stands in them, in one write for each group.
 * A write takes minutes: it is submitted, and later passes ask how it stands. Everybody who comes meanwhile goes into the next one.
 */
export async function reconcileGroups(
  point: EnforcementPoint,
  { underWay = [], writeMs }: Pick<PassOptions, "underWay" | "writeMs">,
  reconciler: GroupReconciler,
): Promise<Pass> {
  try {
    const running = await stillRunning(underWay, reconciler);
    if (running.length > 0) return await waitFor(point, running, writeMs, reconciler);
    const [over] = underWay;
    const took = over ? reconciler.clock.now().getTime() - Date.parse(over.since) : writeMs;
    const pass = await bringUpToDate(point, took, reconciler);
    return took === undefined ? pass : { ...pass, writeMs: took };
  } catch (error) {
    if (!(error instanceof AzureError)) throw error;
    return giveUpForNow(point, error, underWay, reconciler);
  }
}

async function stillRunning(
  underWay: readonly WriteUnderWay[],
  { firewall }: GroupReconciler,
): Promise<WriteUnderWay[]> {
  const running: WriteUnderWay[] = [];
  // One that failed is seen at the group itself, whose own state counts.
  for (const write of underWay) {
    if (write.operation === undefined) continue;
    if ((await firewall.operation(write.operation)).state === "running") running.push(write);
  }
  return running;
}

/** What stands and what waits, while a write is under way: nothing is read or sent but how it stands. */
async function waitFor(
  point: EnforcementPoint,
  underWay: readonly WriteUnderWay[],
  writeMs: number | undefined,
  { containments, clock }: GroupReconciler,
): Promise<Pass> {
  const now = clock.now().getTime();
  const held = await containments.at(point.key);
  const outcomes = held.map(({ containment }) => stateNow(containment, waitingReason(containment)));
  const age = Math.max(...underWay.map(({ since }) => now - Date.parse(since)), 0);
  return {
    outcomes: new Map(outcomes.map((outcome) => [outcome.containment, outcome])),
    released: 0,
    writes: 0,
    underWay,
    ...(writeMs === undefined ? {} : { writeMs }),
    retryAfterMs: untilOver(age, writeMs),
  };
}

/** When to ask again: when the write should be over by the one before it, and otherwise the less often the longer it takes. */
function untilOver(ageMs: number, writeMs: number | undefined): number {
  if (writeMs !== undefined && ageMs < writeMs) return Math.min(Math.max(writeMs - ageMs, 1_000), 60_000);
  const late = ageMs - (writeMs ?? 0);
  return Math.min(Math.max(late / 2, 1_000), 30_000);
}

function waitingReason({ state }: Containment): string | undefined {
  if (state === "accepted") return "the firewall is being updated";
  return state === "requested" ? "waits for the write before it" : undefined;
}

function stateNow(containment: Containment, reason = containment.reason): StepOutcome {
  const { id, state, acceptedAt, verifiedAt } = containment;
  return {
    containment: id,
    state,
    ...(reason === undefined ? {} : { reason }),
    ...(acceptedAt === undefined ? {} : { acceptedAt }),
    ...(verifiedAt === undefined ? {} : { verifiedAt }),
  };
}

interface Situation {
  blocking: Blocking;
  groups: readonly IpGroup[];
  /** Why nothing is written at all. */
  trouble?: string;
}

async function look({ resourceId }: EnforcementPoint, { firewall }: GroupReconciler): Promise<Situation> {
  const blocking = await firewall.blocking(resourceId);
  const groups: IpGroup[] = [];
  for (const id of blocking.groups) {
    const group = await firewall.group(id);
    if (!group) return { blocking, groups: [], trouble: `the IP Group ${id} is gone` };
    if (group.owned) groups.push(group);
  }
  if (groups.length > 0) return { blocking, groups };
  const trouble =
    blocking.groups.length === 0
      ? blocking.doubts.join("; ")
      : `no IP Group of the blocking rules carries the tag ${ownershipTag.name}=${ownershipTag.value}: it is not ours to write to`;
  return { blocking, groups: [], trouble };
}

async function bringUpToDate(
  point: EnforcementPoint,
  writeMs: number | undefined,
  reconciler: GroupReconciler,
): Promise<Pass> {
  const { containments, clock } = reconciler;
  const situation = await look(point, reconciler);
  const { groups, trouble } = situation;
  if (trouble !== undefined) return failAll(point, trouble, reconciler.containments);
  if (groups.some(({ state }) => isRunning(state))) {
    return { ...(await waitFor(point, [], writeMs, reconciler)), retryAfterMs: retryMs };
  }

  const readAt = clock.now();
  const held = await markNew(point, await containments.at(point.key), readAt, groups, reconciler);
  const view = viewGroups(held, readAt, groups, reconciler);
  const underWay = await writeChanges(view, groups, reconciler);
  const now = clock.now();
  const outcomes = judgeGroups(view, situation, new Set(underWay.map(({ resourceId }) => resourceId)), now);
  const byId = new Map(outcomes.map((outcome) => [outcome.containment, outcome]));
  await containments.settle(
    view.wanted.flatMap((one) => {
      const outcome = byId.get(one.containment.id);
      return outcome ? [{ held: one, outcome }] : [];
    }),
  );
  // Out of the ledger when a group was read that does not hold it any more, and not before.
  const gone = view.due.filter(({ containment }) => isOut(containment, groups, reconciler));
  await containments.release(gone, now);
  const open =
    outcomes.some(({ state }) => state !== "verified" && state !== "failed") || gone.length < view.due.length;
  const { doubts } = situation.blocking;
  return {
    outcomes: byId,
    released: gone.length,
    writes: underWay.length,
    underWay,
    ...(underWay.length > 0 ? { lastWriteAt: now.toISOString() } : {}),
    ...(doubts.length > 0 ? { trouble: doubts.join("; ") } : {}),
    ...(open ? { retryAfterMs: underWay.length > 0 ? untilOver(0, writeMs) : retryMs } : {}),
  };
}

/**
 * Writes down, before anything is sent, whether an address stood in a group already: afterwards nobody could tell whose it is. One that
 * did is somebody else's, and stays when our time is over.
 */
async function markNew(
  point: EnforcementPoint,
  held: readonly Held[],
  now: Date,
  groups: readonly IpGroup[],
  reconciler: GroupReconciler,
): Promise<readonly Held[]> {
  const fresh = held.filter(({ containment }) => containment.progress === undefined && isWanted(containment, now));
  if (fresh.length === 0) return held;
  const { groupOf } = viewGroups(held, now, groups, reconciler);
  const standing = new Map(groups.flatMap(({ id, addresses }) => addresses.map((entry) => [bare(entry), id] as const)));
  const changes = fresh.flatMap((one) => {
    const { containment } = one;
    const entry = entryOf(containment, reconciler);
    const stood = entry === undefined ? undefined : standing.get(entry);
    const group = stood ?? groupOf.get(containment.id);
    if (group === undefined) return [];
    const summary = stood === undefined ? "in no IP Group" : `in the IP Group ${nameOf(stood)} before`;
    return [
      {
        held: one,
        next: { ...containment, progress: { before: { held: stood !== undefined, summary, memo: { group } } } },
      },
    ];
  });
  await reconciler.containments.replace(changes);
  return reconciler.containments.at(point.key);
}

async function writeChanges(
  { desired }: GroupView,
  groups: readonly IpGroup[],
  { firewall, clock }: GroupReconciler,
): Promise<WriteUnderWay[]> {
  const underWay: WriteUnderWay[] = [];
  for (const group of groups) {
    const addresses = desired.get(group.id) ?? [];
    if (group.state === "Succeeded" && sameEntries(addresses, group.addresses)) continue;
    const since = clock.now().toISOString();
    const { operation } = await firewall.putGroup(group, addresses);
    underWay.push({ resourceId: group.id, since, ...(operation === undefined ? {} : { operation }) });
  }
  return underWay;
}

/** What somebody else put there was never ours to take out. */
function isOut(containment: Containment, groups: readonly IpGroup[], rules: GroupRules): boolean {
  const { progress } = containment;
  if (progress === undefined || progress.before.held) return true;
  const entry = entryOf(containment, rules);
  return groups.every(({ state, addresses }) => state === "Succeeded" && !addresses.some((one) => bare(one) === entry));
}

/** A failure of a call. What may pass by itself leaves everything as it was; what may not fails what is not there yet. */
async function giveUpForNow(
  point: EnforcementPoint,
  error: AzureError,
  underWay: readonly WriteUnderWay[],
  { containments }: GroupReconciler,
): Promise<Pass> {
  const conflict = error.status === 412;
  const again = error.transient || conflict;
  const settlements = (await containments.at(point.key)).map((held) => {
    const { containment } = held;
    const lost: StepOutcome = { containment: containment.id, state: "failed", reason: error.message };
    return { held, outcome: again || containment.state === "verified" ? stateNow(containment, error.message) : lost };
  });
  await containments.settle(settlements);
  return {
    outcomes: new Map(settlements.map(({ outcome }) => [outcome.containment, outcome])),
    released: 0,
    writes: 0,
    underWay,
    trouble: error.message,
    ...(again ? { retryAfterMs: conflict ? 1_000 : (error.retryAfterMs ?? retryMs) } : {}),
  };
}

/** Everything but an end. */
function isRunning(state: string): boolean {
  return !["Succeeded", "Failed", "Canceled"].includes(state);
}
