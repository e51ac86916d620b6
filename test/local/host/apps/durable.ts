import type { OrchestrationContext, Task } from "durable-functions";
import * as df from "durable-functions";
import { calls, gate } from "./record.ts";

const failures = new Map<string, number>();
const retry = new df.RetryOptions(1_000, 3);
retry.backoffCoefficient = 2;

df.app.activity("echo", {
  handler: (input: unknown) => {
    calls.push(input);
    return input;
  },
});
df.app.activity("nothing", { handler: () => undefined });
df.app.activity("gated", {
  handler: async (input: unknown) => {
    calls.push(input);
    await gate.wait;
    return input;
  },
});
df.app.activity("failTimes", {
  handler: ({ key, times }: { key: string; times: number }) => {
    const failed = failures.get(key) ?? 0;
    calls.push(`${key} ${failed + 1}`);
    if (failed >= times) return `${key} done`;
    failures.set(key, failed + 1);
    throw new Error(`${key} failure ${failed + 1}`);
  },
});

type Orchestrator = (context: OrchestrationContext) => Generator<Task, unknown, unknown>;
const orchestrators: Record<string, Orchestrator> = {
  *inputs(context) {
    const { df: it } = context;
    const echo = (input: unknown) => it.callActivity("echo", input);
    return [
      yield echo("text"),
      yield echo("123"),
      yield echo(7),
      yield echo({ a: [null] }),
      yield it.callActivity("nothing"),
    ];
  },
  *retried(context) {
    const input = context.df.getInput<{ key: string; times: number }>();
    const first = yield context.df.callActivityWithRetry("failTimes", retry, input);
    return [first, yield context.df.callActivity("echo", "after")];
  },
  *parallelRetries(context) {
    const { key } = context.df.getInput<{ key: string }>();
    const tasks = [2, 0, 1].map((times) =>
      context.df.callActivityWithRetry("failTimes", retry, { key: `${key}${times}`, times }),
    );
    const answers = yield context.df.Task.all(tasks);
    return [answers, yield context.df.callActivity("echo", "after")];
  },
  *caught(context) {
    try {
      yield context.df.callActivity("failTimes", { key: context.df.instanceId, times: 9 });
    } catch (error) {
      return `caught: ${error instanceof Error ? error.message.split("\n")[0] : error}`;
    }
    return "not caught";
  },
  *uncaught(context) {
    yield context.df.callActivity("failTimes", { key: context.df.instanceId, times: 9 });
  },
  *parent(context) {
    const child = context.df.callSubOrchestrator("child", "x", `${context.df.instanceId}-child`);
    const unnamed = context.df.callSubOrchestrator("child", "y");
    return yield context.df.Task.all([child, unnamed]);
  },
  *child(context) {
    const input = context.df.getInput<unknown>();
    if (input === "fail") throw new Error("the child failed");
    return {
      input: yield context.df.callActivity("echo", input),
      hasParent: context.df.parentInstanceId !== undefined,
    };
  },
  *parentOfGated(context) {
    return yield context.df.callSubOrchestrator("gatedThree", null, `${context.df.instanceId}-child`);
  },
  *parentOfFailing(context) {
    try {
      yield context.df.callSubOrchestratorWithRetry("child", retry, "fail", `${context.df.instanceId}-child`);
      return "not caught";
    } catch (error) {
      return `caught: ${error instanceof Error ? error.message : error}`;
    }
  },
  *sleeps(context) {
    const ms = context.df.getInput<number>();
    const from = context.df.currentUtcDateTime.getTime();
    yield context.df.createTimer(new Date(from + ms));
    const slept = context.df.currentUtcDateTime.getTime() - from;
    return [slept, yield context.df.callActivity("echo", "after")];
  },
  *approval(context) {
    const timeout = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60_000));
    const event = context.df.waitForExternalEvent("approve");
    const winner = yield context.df.Task.any([event, timeout]);
    if (winner !== event) return "timed out";
    timeout.cancel();
    return [event.result, yield context.df.callActivity("echo", "after")];
  },
  *lateListener(context) {
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60_000));
    const first = yield context.df.waitForExternalEvent("early");
    return [first, yield context.df.waitForExternalEvent("early")];
  },
  *adds(context) {
    const state = context.df.getInput<{ sum: number; left: number }>();
    const added = yield context.df.waitForExternalEvent("add");
    const next = { sum: state.sum + Number(added), left: state.left - 1 };
    context.df.setCustomStatus(next);
    yield context.df.callActivity("gated", next.sum);
    if (next.left > 0) context.df.continueAsNew(next);
    return next.sum;
  },
  *continuesWithText(context) {
    const input = context.df.getInput<string>();
    const echoed = yield context.df.callActivity("echo", input);
    if (input === "first") context.df.continueAsNew("second");
    return echoed;
  },
  *failsBesideGated(context) {
    const failing = context.df.callActivity("failTimes", { key: context.df.instanceId, times: 9 });
    return yield context.df.Task.all([failing, context.df.callActivity("gated", "slow")]);
  },
  *splitThenCancelled(context) {
    const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 20 * 86_400_000));
    const event = context.df.waitForExternalEvent("go");
    yield context.df.Task.any([timer, event]);
    timer.cancel();
    return [event.result, yield context.df.callActivity("echo", "after")];
  },
  *gatedThree(context) {
    const tasks = ["a", "b", "c"].map((input) => context.df.callActivity("gated", input));
    return yield context.df.Task.all(tasks);
  },
  *waitsForever(context) {
    return yield context.df.waitForExternalEvent("never");
  },
  *firstOfThree(context) {
    const tasks = ["a", "b", "c"].map((input) => context.df.callActivity("echo", input));
    const winner = yield context.df.Task.any(tasks);
    return [tasks.map((task) => task === winner).indexOf(true), yield context.df.callActivity("echo", "after")];
  },
  *nested(context) {
    const { Task: task } = context.df;
    const pair = task.all([context.df.callActivity("echo", 1), context.df.callActivity("echo", 2)]);
    const never = context.df.waitForExternalEvent("never");
    const winner = yield task.any([pair, never]);
    return [winner === pair, pair.result, yield context.df.callActivity("echo", 3)];
  },
  *guids(context) {
    const before = context.df.newGuid("x");
    yield context.df.callActivity("echo", before);
    return before;
  },
  *chain(context) {
    const id = context.df.instanceId;
    yield context.df.callActivity("echo", `${id} 1`);
    yield context.df.callActivity("echo", `${id} 2`);
    const total = yield context.df.callEntity(new df.EntityId("Counter", "chain"), "add", 1);
    yield context.df.callActivity("echo", `${id} 3`);
    return total;
  },
  // What the host refuses.
  *callsHttp(context) {
    return yield context.df.callHttp({ method: "GET", url: "http://127.0.0.1/" });
  },
  *locks(context) {
    return yield context.df.lock(new df.EntityId("Counter", "x"));
  },
  *unknownActivity(context) {
    return yield context.df.callActivity("absent");
  },
  *listsTimerTwice(context) {
    const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60_000));
    yield context.df.Task.any([context.df.waitForExternalEvent("one"), timer]);
    yield context.df.Task.any([context.df.waitForExternalEvent("two"), timer]);
    return "done";
  },
  // Entities.
  *entityUser(context) {
    const counter = new df.EntityId("COUNTER", context.df.instanceId);
    const added = yield context.df.callEntity(counter, "add", 5);
    context.df.signalEntity(counter, "add", 10);
    const read = yield context.df.callEntity(counter, "get");
    let failure = "";
    try {
      yield context.df.callEntity(counter, "fail");
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
    return { added, read, failure, after: yield context.df.callActivity("echo", "after") };
  },
};
for (const [name, orchestrator] of Object.entries(orchestrators)) df.app.orchestration(name, orchestrator);

df.app.entity("Counter", async (context) => {
  const state = Number(context.df.getState(() => 0));
  const input = Number(context.df.getInput() ?? 0);
  calls.push(`${context.df.entityKey} ${context.df.operationName} ${input}`);
  switch (context.df.operationName) {
    case "add":
      context.df.setState(state + input);
      return context.df.return(state + input);
    case "get":
      return context.df.return(state);
    case "slow":
      await gate.wait;
      return;
    case "forward":
      return context.df.signalEntity(new df.EntityId("counter", "Forwarded"), "add", input);
    case "delete":
      return context.df.destructOnExit();
    default:
      throw { code: "told-to-fail" };
  }
});
