import type { OrchestrationContext, OrchestrationHandler, Task } from "durable-functions";
import * as df from "durable-functions";
import { joinActivity, joinOrchestrator } from "./names.ts";

const retry = new df.RetryOptions(2_000, 45);
retry.backoffCoefficient = 2;
retry.maxRetryIntervalInMilliseconds = 5 * 60_000;

/** Waits until the records of one XDR stream alert have had time to come, then has them put together. */
const joinAlert: OrchestrationHandler = function* (context: OrchestrationContext): Generator<Task, unknown, unknown> {
  const { alertId, at } = context.df.getInput<{ alertId: string; at: string }>();
  yield context.df.createTimer(new Date(at));
  return yield context.df.callActivityWithRetry(joinActivity, retry, { alertId });
};

df.app.orchestration(joinOrchestrator, joinAlert);
