import { createHash } from "node:crypto";
import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import type { ReconcileInput } from "../shared/response/reconciled.ts";
import type { Starter } from "../shared/response/start-run.ts";
import { enforcementPointEntity, joinOrchestrator, respondOrchestrator } from "./names.ts";

const { Failed, Terminated, Canceled } = df.OrchestrationRuntimeStatus;
const badEnds: readonly string[] = [Failed, Terminated, Canceled];

/** Starts runs through the function's durable client. */
export function starter(context: InvocationContext): Starter {
  const client = df.getClient(context);

  async function status(instanceId: string): ReturnType<Starter["status"]> {
    try {
      const { runtimeStatus } = await client.getStatus(instanceId, { showInput: false });
      return badEnds.includes(runtimeStatus) ? "failed" : "started";
    } catch (error) {
      // The client throws for an unknown instance; there is no code to tell by, but the sentence carries the status.
      if (error instanceof Error && /HTTP 404/.test(error.message)) return "none";
      throw error;
    }
  }

  return {
    status,
    async start(request) {
      await client.startNew(respondOrchestrator, { instanceId: request.runId, input: request });
    },
    async wake(point) {
      const input: ReconcileInput = { point, containments: [], fresh: true };
      await client.signalEntity(new df.EntityId(enforcementPointEntity, point.key), "reconcile", input);
    },
    async join(alertId, at) {
      const alert = createHash("sha256").update(alertId).digest("hex").slice(0, 40);
      const instanceId = `join-${alert}-${at.getTime()}`;
      // Waiting for its moment, it finds what is kept until then.
      if ((await status(instanceId)) === "started") return;
      try {
        await client.startNew(joinOrchestrator, { instanceId, input: { alertId, at: at.toISOString() } });
      } catch (error) {
        if ((await status(instanceId)) !== "started") throw error;
      }
    },
  };
}
