import type { EntityContext, EntityHandler } from "durable-functions";
import * as df from "durable-functions";
import type { StepOutcome } from "../shared/ledger/run.ts";
import type { Pass, WriteUnderWay } from "../shared/reconcile/pass.ts";
import { spreadRetry } from "../shared/reconcile/spread-retry.ts";
import type { Reconciled, ReconcileInput } from "../shared/response/reconciled.ts";
import { enforcementPointEntity } from "./names.ts";
import { portcullis } from "./portcullis.ts";

/** What the last pass left, for the next one and for people who look at the entity. */
interface State {
  resourceId: string;
  lastEtag?: string;
  lastWriteAt?: string;
  /** Writes that take minutes: where to ask about them survives a restart here. */
  underWay?: readonly WriteUnderWay[];
  writeMs?: number;
  trouble?: string;
}

/**
 * Durable Functions hands a whole batch of operations to one invocation, and everything that its callers wrote to the ledger was
 * written before: one pass answers them all. That is how 500 alerts become one write.
 */
const passes = new WeakMap<object, { pass: Promise<Pass>; fresh: boolean }>();

/** The single writer of one enforcement point: the runtime runs at most one operation of an entity at a time. */
const enforcementPoint: EntityHandler<State> = async (context: EntityContext<State>) => {
  const input = context.df.getInput<ReconcileInput>();
  if (!input) throw new TypeError("an enforcement point is asked to reconcile without being told which it is");
  const { point, containments, fresh = false } = input;
  const state = context.df.getState();

  const known = passes.get(context);
  const current = known && (known.fresh || !fresh) ? known : { pass: reconcile(input, state), fresh };
  passes.set(context, current);
  try {
    const pass = await current.pass;
    context.df.setState(stateAfter(point.resourceId, pass));
    context.df.return(reconciled(input, pass));
  } catch (error) {
    // The entity API passes on nothing of an Error but `{}`: say it here, and answer with an outcome that is tried again.
    context.error(`enforcement point ${point.key}: ${error instanceof Error ? error.message : "unknown error"}`);
    const reason = "reconciling failed unexpectedly; it is tried again";
    const outcomes = containments.map((containment): StepOutcome => ({ containment, state: "requested", reason }));
    context.df.return({ outcomes, retryAfterMs: 5_000 } satisfies Reconciled);
  }
};

async function reconcile(input: ReconcileInput, state: State | undefined): Promise<Pass> {
  return (await portcullis()).reconcile(input, state ?? {});
}

function stateAfter(resourceId: string, { etag, lastWriteAt, underWay = [], writeMs, trouble }: Pass): State {
  return {
    resourceId,
    ...(etag === undefined ? {} : { lastEtag: etag }),
    ...(lastWriteAt === undefined ? {} : { lastWriteAt }),
    ...(underWay.length === 0 ? {} : { underWay }),
    ...(writeMs === undefined ? {} : { writeMs }),
    ...(trouble === undefined ? {} : { trouble }),
  };
}

function reconciled(
  { containments, point }: ReconcileInput,
  { outcomes, retryAfterMs, underWay = [] }: Pass,
): Reconciled {
  const asked = containments.map((id) => outcomes.get(id) ?? { containment: id, state: "released" as const });
  const waiting = asked.some(({ state }) => state === "requested" || state === "accepted");
  if (retryAfterMs === undefined || !waiting) return { outcomes: asked };
  // A write of our own that is under way is nobody else's business, and is looked at when it should be over.
  return { outcomes: asked, retryAfterMs: underWay.length > 0 ? retryAfterMs : spreadRetry(retryAfterMs, point.key) };
}

df.app.entity(enforcementPointEntity, enforcementPoint);
