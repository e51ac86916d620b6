import type { EnforcementPoint } from "../ledger/containment.ts";
import type { Request } from "./request.ts";

/** `failed` covers every end but the good one: whoever asks again may start it again. */
type RunStatus = "none" | "started" | "failed";

/** The part of Durable Functions that starting a run needs. */
export interface Starter {
  status(runId: string): Promise<RunStatus>;
  /** Throws when the instance cannot be started, also because it is under way. */
  start(request: Request): Promise<void>;
  /** Has the enforcement point look at the ledger now. A call that gets lost costs a minute: the timer comes by. */
  wake(point: EnforcementPoint): Promise<void>;
  /** Has the records of one alert of the XDR stream put together at that moment: once, however often it is asked for. */
  join(alertId: string, at: Date): Promise<void>;
}

/** Of several that start the same run at the same moment one does; the others find it there. */
export async function startRun(starter: Starter, request: Request): Promise<"started" | "exists"> {
  try {
    await starter.start(request);
    return "started";
  } catch (error) {
    if ((await starter.status(request.runId)) === "started") return "exists";
    throw error;
  }
}
