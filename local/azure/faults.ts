import * as z from "zod";

/** What can be made to go wrong in the simulated Azure, per operation of the published specification. */
const when = {
  /** An operation id such as `PolicyFragment_CreateOrUpdate`, or `*` for every operation. */
  operation: z.string().min(1),
  /** How many times it strikes; without it, until it is cleared. */
  count: z.int().positive().optional(),
  /** How likely each call is to be struck. */
  probability: z.number().gt(0).max(1).optional(),
};

export const Fault = z.discriminatedUnion("kind", [
  /** An error answer in ARM's shape; nothing is read or written. */
  z.strictObject({
    ...when,
    kind: z.literal("status"),
    status: z.union([z.literal(409), z.literal(412), z.literal(429), z.literal(500), z.literal(503)]),
    retryAfterSeconds: z.int().nonnegative().optional(),
  }),
  /** The call waits before anything happens. */
  z.strictObject({ ...when, kind: z.literal("slow"), ms: z.int().positive() }),
  /** The socket is destroyed, before the call did anything or after it took effect. */
  z.strictObject({ ...when, kind: z.literal("drop"), moment: z.enum(["before", "after"]) }),
  /** A GET of a policy, a fragment or of Microsoft Graph answers the version before the latest write. */
  z.strictObject({ ...when, kind: z.literal("stale-read") }),
  /** A long-running write is accepted and ends in `Failed`, leaving the old text in force. */
  z.strictObject({ ...when, kind: z.literal("operation-failed") }),
]);
export type Fault = z.infer<typeof Fault>;

/** What the faults that struck do to one call. */
export interface Strike {
  delayMs: number;
  refuse: { status: 409 | 412 | 429 | 500 | 503; retryAfterSeconds: number | undefined } | undefined;
  drop: "before" | "after" | undefined;
  staleRead: boolean;
  failOperation: boolean;
}

interface PlacedFault {
  id: string;
  fault: Fault;
  struck: number;
}

export interface FaultSwitchboard {
  /** Throws for an operation that does not exist or cannot fail that way: a fault that never strikes would prove nothing. */
  add(fault: Fault): string;
  /** Puts these in the place of all others; a refused one leaves everything as it was. */
  replace(faults: readonly Fault[]): void;
  /** Clears one fault, or all of them. */
  clear(id?: string): void;
  list(): PlacedFault[];
  /** Which faults strike this call; counts them. */
  strike(operationId: string): Strike;
}

export class UnknownFaultTargetError extends Error {
  override name = "UnknownFaultTargetError";
}

export interface FaultTargets {
  operations: readonly string[];
  staleReads: readonly string[];
  longRunning: readonly string[];
}

export function createFaultSwitchboard(targets: FaultTargets, seed = 1): FaultSwitchboard {
  const random = mulberry32(seed);
  let placed: PlacedFault[] = [];
  let made = 0;

  function strikes(entry: PlacedFault): boolean {
    const { count = Number.POSITIVE_INFINITY, probability = 1 } = entry.fault;
    if (entry.struck >= count || (probability < 1 && random() >= probability)) return false;
    entry.struck += 1;
    return true;
  }

  function place(fault: Fault): PlacedFault {
    const possible = possibleTargets(fault, targets);
    if (fault.operation !== "*" && !possible.includes(fault.operation)) {
      throw new UnknownFaultTargetError(
        `No operation "${fault.operation}" can be given the fault "${fault.kind}"; these can: ${[...possible].sort().join(", ")}.`,
      );
    }
    made += 1;
    return { id: `fault-${made}`, fault, struck: 0 };
  }

  return {
    add(fault) {
      const entry = place(fault);
      placed.push(entry);
      return entry.id;
    },
    replace(faults) {
      placed = faults.map(place);
    },
    clear(id) {
      placed = id === undefined ? [] : placed.filter((entry) => entry.id !== id);
    },
    list: () => placed.map((entry) => ({ ...entry })),
    strike(operationId) {
      const strike: Strike = { delayMs: 0, refuse: undefined, drop: undefined, staleRead: false, failOperation: false };
      for (const entry of placed) {
        const { fault } = entry;
        const meant = fault.operation === operationId || fault.operation === "*";
        if (!meant || !possibleTargets(fault, targets).includes(operationId)) continue;
        // The first fault that ends a call leaves the later ones their count.
        const ends = fault.kind === "status" || fault.kind === "drop";
        if (ends && (strike.refuse !== undefined || strike.drop !== undefined)) continue;
        if (strikes(entry)) apply(fault, strike);
      }
      return strike;
    },
  };
}

function possibleTargets({ kind }: Fault, targets: FaultTargets): readonly string[] {
  switch (kind) {
    case "stale-read":
      return targets.staleReads;
    case "operation-failed":
      return targets.longRunning;
    case "status":
    case "slow":
    case "drop":
      return targets.operations;
  }
}

function apply(fault: Fault, strike: Strike): void {
  switch (fault.kind) {
    case "status":
      strike.refuse = { status: fault.status, retryAfterSeconds: fault.retryAfterSeconds };
      return;
    case "slow":
      strike.delayMs += fault.ms;
      return;
    case "drop":
      strike.drop = fault.moment;
      return;
    case "stale-read":
      strike.staleRead = true;
      return;
    case "operation-failed":
      strike.failOperation = true;
  }
}

/** A small seeded generator, so that a run with probabilities can be repeated. https://github.com/bryc/code (public domain) */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
