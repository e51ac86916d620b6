import * as df from "durable-functions";
import { calls, gate } from "./record.ts";

/** Says which operations came in which invocation. */
df.app.entity("Batched", async (context) => {
  calls.push([context.invocationId, context.df.getInput()]);
  if (context.df.operationName === "slow") await gate.wait;
});
