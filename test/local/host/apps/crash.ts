import { appendFileSync } from "node:fs";
import * as df from "durable-functions";

// Every effect is written to a file, where it outlives the process.
const trace = (line: string): void => appendFileSync(process.env.TEST_TRACE ?? "", `${line}\n`);
const milliseconds = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

df.app.activity("step", {
  handler: async (name: string) => {
    trace(`${name} begins`);
    await milliseconds(60);
    trace(`${name} ends`);
    return name;
  },
});
df.app.orchestration("steps", function* (context) {
  const id = context.df.instanceId;
  const first: unknown = yield context.df.callActivity("step", `${id}/1`);
  const both: unknown = yield context.df.Task.all(
    ["2a", "2b"].map((step) => context.df.callActivity("step", `${id}/${step}`)),
  );
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 100));
  const total: unknown = yield context.df.callEntity(new df.EntityId("tally", id), "add");
  const child: unknown = yield context.df.callSubOrchestrator("child", `${id}/3`);
  return { first, both, total, child };
});
df.app.orchestration("child", function* (context) {
  return yield context.df.callActivity("step", context.df.getInput<string>());
});
df.app.entity("tally", (context) => {
  const total = Number(context.df.getState(() => 0)) + 1;
  context.df.setState(total);
  context.df.return(total);
});
