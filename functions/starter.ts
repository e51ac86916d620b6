import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import type { Starter } from "../shared/response/start-run.ts";
import { respondOrchestrator } from "./names.ts";

const { Failed, Terminated, Canceled } = df.OrchestrationRuntimeStatus;
const badEnds: readonly string[] = [Failed, Terminated, Canceled];

/** Starts runs through the function's durable client. */
export function starter(context: InvocationContext): Starter {
  const client = df.getClient(context);
  return {
    async status(runId) {
      try {
        const { runtimeStatus } = await client.getStatus(runId, { showInput: false });
        return badEnds.includes(runtimeStatus) ? "failed" : "started";
      } catch (error) {
        // The client throws for an unknown instance; there is no code to tell by, but the sentence carries the status.
        if (error instanceof Error && /HTTP 404/.test(error.message)) return "none";
        throw error;
      }
    },
    async start(request) {
      await client.startNew(respondOrchestrator, { instanceId: request.runId, input: request });
    },
  };
}
