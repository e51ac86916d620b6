import { app } from "@azure/functions";
import * as df from "durable-functions";
import type { ReconcileInput } from "../shared/response/reconciled.ts";
import { enforcementPointEntity } from "./names.ts";
import { portcullis } from "./portcullis.ts";

// Ends what has expired, finds drift, and makes up for every trigger that got lost: a lost one costs a minute, never a containment.
app.timer("sweep", {
  schedule: "%PORTCULLIS_SWEEP_SCHEDULE%",
  extraInputs: [df.input.durableClient()],
  handler: async (_timer, context) => {
    const { ledger } = await portcullis();
    const client = df.getClient(context);
    for (const point of await ledger.points.all()) {
      const input: ReconcileInput = { point, containments: [], fresh: true };
      try {
        await client.signalEntity(new df.EntityId(enforcementPointEntity, point.key), "reconcile", input);
      } catch (error) {
        // The other services must not wait for this one's next turn.
        context.error(`could not sweep ${point.key}`, error);
      }
    }
  },
});
