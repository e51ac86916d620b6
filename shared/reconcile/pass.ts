import type { StepOutcome } from "../ledger/run.ts";

/** What one pass over an enforcement point came to. */
export interface Pass {
  outcomes: ReadonlyMap<string, StepOutcome>;
  released: number;
  writes: number;
  etag?: string;
  /** When the last write was taken on, by this pass or an earlier one. */
  lastWriteAt?: string;
  /** Writes that the service has taken on and not finished, for the next pass to ask about. */
  underWay?: readonly WriteUnderWay[];
  /** How long the last write took, as far as it was watched, in milliseconds. */
  writeMs?: number;
  /** Why the world is not as the ledger says, when it is not. */
  trouble?: string;
  /** Set when looking again can help. */
  retryAfterMs?: number;
}

/** A long-running write: which resource, where to ask about it, since when. */
export interface WriteUnderWay {
  resourceId: string;
  /** Absent where the service named none: the resource itself tells. */
  operation?: string;
  since: string;
}

export interface PassOptions {
  /** The version that the last pass left, and when it wrote: both undefined for the first. */
  lastEtag: string | undefined;
  lastWriteAt: string | undefined;
  underWay?: readonly WriteUnderWay[];
  writeMs?: number;
  /** Look at the world anew, whatever was read a moment ago. */
  fresh: boolean;
}
