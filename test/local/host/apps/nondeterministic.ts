import type { OrchestrationContext, Task } from "durable-functions";
import * as df from "durable-functions";

let runs = 0;
df.app.activity("echo", { handler: (input: unknown) => input });

type Orchestrator = (context: OrchestrationContext) => Generator<Task, unknown, unknown>;
const orchestrators: Record<string, Orchestrator> = {
  *correct(context) {
    const retry = new df.RetryOptions(1_000, 2);
    const seen = yield context.df.callActivityWithRetry("echo", retry, context.df.newGuid("x"));
    const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 10 * 86_400_000));
    const event = context.df.waitForExternalEvent("go");
    const winner = yield context.df.Task.any([timer, event]);
    if (winner === event) timer.cancel();
    context.log("went on", context.df.isReplaying);
    const all = yield context.df.Task.all([
      context.df.callActivity("echo", seen),
      context.df.callActivity("echo", "b"),
    ]);
    return { all, at: new Date(context.df.currentUtcDateTime).toISOString() };
  },
  *usesClock(context) {
    return yield context.df.createTimer(new Date(Date.now() + 1_000));
  },
  *usesNewDate(context) {
    return yield context.df.callActivity("echo", new Date().toISOString());
  },
  *usesRandom(context) {
    return yield context.df.callActivity("echo", Math.random());
  },
  *usesEnvironment(context) {
    return yield context.df.callActivity("echo", process.env.PATH ? "set" : "not set");
  },
  *usesModuleState(context) {
    runs++;
    return yield context.df.callActivity(runs % 2 === 0 ? "echo" : "other", "x");
  },
  *growsDifferently(context) {
    yield context.df.callActivity("echo", context.df.isReplaying ? "replayed" : "first");
    return yield context.df.waitForExternalEvent("never");
  },
};
df.app.activity("other", { handler: (input: unknown) => input });
for (const [name, orchestrator] of Object.entries(orchestrators)) df.app.orchestration(name, orchestrator);
