import { AzureError } from "../azure/azure-error.ts";
import { type Containment, type EnforcementPoint, isWanted } from "../ledger/containment.ts";
import type { Containments, Held, Settlement } from "../ledger/containments.ts";
import type { StepOutcome } from "../ledger/run.ts";
import type { Scope } from "../ledger/target.ts";
import type { Responder } from "../responders/responder.ts";
import { desiredFragment } from "./desired-fragment.ts";
import { type DoubtSources, forgetInclude, fragmentDoubts } from "./fragment-doubts.ts";
import type { SeenAs } from "./fragment-entry.ts";
import { readLimits } from "./fragment-limits.ts";
import { gather } from "./gather.ts";
import { scopeKey } from "./order-entries.ts";
import type { Pass, PassOptions } from "./pass.ts";
import { type FragmentWriter, retryMs, type WriteOptions, type Written, writeFragment } from "./write-fragment.ts";

export interface Reconciler extends DoubtSources, FragmentWriter {
  containments: Containments;
  responders: ReadonlyMap<string, Responder>;
  /** Where a proxy stands before the gateways. */
  seenAs?: SeenAs;
}

/** So long after a write, many that wait at once are a flood that may still rise; without one they are written right away. */
const busyMs = 10_000;

/**
 * Makes one service's fragment equal to what the ledger says, in as few writes as possible, then reads it back. Only one pass may run
 * at a time; one that dies anywhere is made up for by the next.
 */
export async function reconcileFragment(
  point: EnforcementPoint,
  options: PassOptions,
  reconciler: Reconciler,
): Promise<Pass> {
  const { containments, clock } = reconciler;
  const { lastWriteAt } = options;
  const busy = lastWriteAt !== undefined && clock.now().getTime() - Date.parse(lastWriteAt) < busyMs;
  const held = busy ? await gather(point.key, reconciler) : await containments.at(point.key);
  const readAt = clock.now();
  const wanted = held.filter(({ containment }) => isWanted(containment, readAt));
  if (options.fresh) forgetInclude(point.resourceId, reconciler);
  const { written, unwritable } = await writeWhatIsTaken(
    point,
    wanted.map(({ containment }) => containment),
    readAt,
    { ...options, needed: held.length > 0 },
    reconciler,
  );

  const settlements = await Promise.all(judge(point, wanted, unwritable, written, reconciler));
  await containments.settle(settlements);
  const due = held.filter((one) => !wanted.includes(one));
  if (written.standing) await containments.release(due, clock.now());

  const { writes, etag, trouble } = written;
  const wroteAt = written.acceptedAt ?? lastWriteAt;
  // A doubt that could not be looked into is worth another look as well.
  const retryAfterMs = written.retryAfterMs ?? (settlements.some(({ lookAgain }) => lookAgain) ? retryMs : undefined);
  return {
    outcomes: new Map(settlements.map(({ held: { containment }, outcome }) => [containment.id, outcome])),
    released: written.standing ? due.length : 0,
    writes,
    ...(etag === undefined ? {} : { etag }),
    ...(wroteAt === undefined ? {} : { lastWriteAt: wroteAt }),
    ...(trouble === undefined ? {} : { trouble }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/**
 * One entry that the service refuses (a policy that its tier does not have, say) must not keep the others from being written, nor the
 * expired ones from being taken out: then what was taken before is written again, and what is new is added one responder at a time.
 */
async function writeWhatIsTaken(
  point: EnforcementPoint,
  wanted: readonly Containment[],
  readAt: Date,
  options: WriteOptions,
  reconciler: Reconciler,
): Promise<{ written: Written; unwritable: ReadonlyMap<string, string> }> {
  const { responders, apiManagement, seenAs } = reconciler;
  const conditions = { limits: await readLimits(point.resourceId, apiManagement), ...(seenAs ? { seenAs } : {}) };
  const attempt = async (some: readonly Containment[], how = options) => {
    const { xml, unwritable } = desiredFragment(some, responders, readAt, conditions);
    try {
      return { unwritable, written: await writeFragment(point.resourceId, xml, how, reconciler) };
    } catch (error) {
      return { unwritable, written: failed(error) };
    }
  };

  const whole = await attempt(wanted);
  if (!whole.written.refused) return whole;
  let taken = wanted.filter(({ acceptedAt }) => acceptedAt !== undefined);
  const fresh = { ...options, fresh: true };
  let latest = await attempt(taken, fresh);
  const refused = new Map<string, string>();
  for (const added of Map.groupBy(
    wanted.filter((one) => !taken.includes(one)),
    ({ responder }) => responder,
  ).values()) {
    const more = [...taken, ...added];
    const next = await attempt(more, fresh);
    if (next.written.refused) {
      for (const { id } of added) refused.set(id, next.written.trouble ?? "API Management refused it");
    } else {
      latest = next;
      taken = more;
    }
  }
  return { written: latest.written, unwritable: new Map([...latest.unwritable, ...refused]) };
}

function failed(error: unknown): Written {
  if (!(error instanceof AzureError)) throw error;
  const retry = error.transient ? { retryAfterMs: error.retryAfterMs ?? retryMs } : {};
  return { standing: false, writes: 0, refused: error.status === 400, trouble: error.message, ...retry };
}

function judge(
  point: EnforcementPoint,
  wanted: readonly Held[],
  unwritable: ReadonlyMap<string, string>,
  written: Written,
  reconciler: Reconciler,
): Promise<Settlement & { lookAgain: boolean }>[] {
  const now = reconciler.clock.now().toISOString();
  const doubtsByScope = new Map<string, Promise<Doubts>>();
  const doubtsAbout = ({ target }: Containment) => {
    if (target.kind !== "api-caller") throw new TypeError(`the fragment holds no ${target.kind}`);
    const { scope } = target;
    const key = scopeKey(scope);
    const doubts = doubtsByScope.get(key) ?? lookForDoubts(point, scope, reconciler);
    doubtsByScope.set(key, doubts);
    return doubts;
  };

  return wanted.map(async (held) => {
    const { containment } = held;
    const { acceptedAt = containment.acceptedAt ?? now } = written;
    const outcome = (state: StepOutcome["state"], reason?: string, lookAgain = false) => ({
      held,
      lookAgain,
      outcome: {
        containment: containment.id,
        state,
        ...(reason === undefined ? {} : { reason }),
        ...(state === "accepted" || state === "verified" ? { acceptedAt: containment.acceptedAt ?? acceptedAt } : {}),
        ...(state === "verified" ? { verifiedAt: containment.verifiedAt ?? now } : {}),
      },
    });
    const cannot = unwritable.get(containment.id);
    if (cannot !== undefined) return outcome("failed", cannot);
    if (!written.standing) {
      const { trouble = "the fragment could not be written", retryAfterMs, writes } = written;
      if (retryAfterMs === undefined) return outcome("failed", trouble);
      return outcome(writes > 0 || containment.acceptedAt ? "accepted" : "requested", trouble);
    }
    const { reasons, unknown } = await doubtsAbout(containment);
    return reasons.length > 0 ? outcome("accepted", reasons.join("; "), unknown) : outcome("verified");
  });
}

interface Doubts {
  reasons: string[];
  /** They could not be looked into. */
  unknown: boolean;
}

async function lookForDoubts(point: EnforcementPoint, scope: Scope, reconciler: Reconciler): Promise<Doubts> {
  try {
    return { reasons: await fragmentDoubts(point.resourceId, scope, reconciler), unknown: false };
  } catch (error) {
    if (!(error instanceof AzureError)) throw error;
    return { reasons: [`whether the containment holds is not known: ${error.message}`], unknown: true };
  }
}
