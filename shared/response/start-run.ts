import type { Request } from "./request.ts";

/** The part of Durable Functions that starting a run needs. */
export interface Starter {
  exists(runId: string): Promise<boolean>;
  /** Throws when the instance cannot be started, also because it exists. */
  start(request: Request): Promise<void>;
}

/** Of several that start the same run at the same moment one does; the others find it there. */
export async function startRun(starter: Starter, request: Request): Promise<"started" | "exists"> {
  try {
    await starter.start(request);
    return "started";
  } catch (error) {
    if (await starter.exists(request.runId)) return "exists";
    throw error;
  }
}
