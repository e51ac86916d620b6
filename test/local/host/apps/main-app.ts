import { app } from "@azure/functions";
import * as df from "durable-functions";

/** What the activities and triggers of this app have been asked to do; tests read and clear it. */
export const calls: unknown[] = [];

const fails = new Map<string, number>();

df.app.activity("echo", { handler: (input: unknown) => input });
df.app.activity("record", {
  handler: (input: unknown) => {
    calls.push(input);
    return input;
  },
});
df.app.activity("failTimes", {
  handler: ({ key, times }: { key: string; times: number }) => {
    const failed = fails.get(key) ?? 0;
    calls.push(`${key} attempt ${failed + 1}`);
    if (failed >= times) return `${key} done`;
    fails.set(key, failed + 1);
    throw new Error(`${key} failure ${failed + 1}`);
  },
});

df.app.orchestration("chain", function* (context) {
  const a: unknown = yield context.df.callActivity("echo", context.df.getInput());
  const b: unknown = yield context.df.callActivity("echo", { a });
  context.df.setCustomStatus({ at: "b" });
  const c: unknown = yield context.df.callActivity("record", "a string");
  const total: unknown = yield context.df.callEntity(new df.EntityId("Counter", "all"), "add", 2);
  return { b, c, total };
});

df.app.entity("Counter", (context) => {
  const state = context.df.getState(() => 0) as number;
  const input = context.df.getInput<number>() ?? 0;
  if (context.df.operationName === "add") {
    context.df.setState(state + input);
    context.df.return(state + input);
  } else if (context.df.operationName === "get") {
    context.df.return(state);
  } else if (context.df.operationName === "fail") {
    throw { code: "told-to" };
  } else if (context.df.operationName === "forward") {
    context.df.signalEntity(new df.EntityId("counter", "Forwarded"), "add", input);
  } else if (context.df.operationName === "delete") {
    context.df.destructOnExit();
  }
});

app.http("hello", {
  route: "hello/{name}/{id?}",
  methods: ["GET", "POST"],
  handler: async (request) => ({
    status: 201,
    headers: { "x-a": "b" },
    jsonBody: { params: request.params, query: Object.fromEntries(request.query), body: await request.text(), url: request.url },
  }),
});
