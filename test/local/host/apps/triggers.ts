import { app, type EventGridEvent, HttpResponse } from "@azure/functions";
import * as df from "durable-functions";
import { calls, gate } from "./record.ts";

app.http("describe", {
  route: "things/{name}/describe/{id?}",
  methods: ["GET", "POST"],
  authLevel: "function",
  handler: async (request) => ({
    status: 201,
    headers: { "x-answer": "yes" },
    jsonBody: {
      method: request.method,
      params: request.params,
      query: Object.fromEntries(request.query),
      header: request.headers.get("x-question"),
      body: await request.text(),
    },
  }),
});
app.http("literal", { route: "things/special/describe", methods: ["GET"], handler: () => ({ body: "literal" }) });
app.http("files", {
  route: "files/{*path}",
  methods: ["GET"],
  handler: (request) => ({ body: request.params.path ?? "none" }),
});
app.http("named", { handler: () => ({ body: "by its name" }) });
// What a handler written in JavaScript may do, and the types forbid.
const returnsNothing = () => JSON.parse("{}").response;
app.http("empty", { handler: returnsNothing });
app.http("throws", {
  handler: () => {
    throw new Error("thrown by the handler");
  },
});
app.http("bytes", { handler: async (request) => ({ body: new Uint8Array(await request.arrayBuffer()).reverse() }) });
app.http("readonly", {
  route: "readonly",
  methods: ["GET"],
  handler: () => new HttpResponse({ status: 418, body: "teapot" }),
});
app.http("starts", {
  methods: ["POST"],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const instanceId = await client.startNew("hello", { input: await request.json() });
    return client.createCheckStatusResponse(request, instanceId);
  },
});
df.app.activity("greet", { handler: (input: unknown) => input });
df.app.orchestration("hello", function* (context) {
  return yield context.df.callActivity("greet", context.df.getInput());
});
df.app.client.http("manages", {
  methods: ["POST"],
  handler: async (_request, client) => {
    const instanceId = await client.startNew("hello", { instanceId: "managed", input: { x: 1 } });
    const done = await client.waitForCompletionOrCreateCheckStatusResponse(_request, instanceId, {
      retryIntervalInMilliseconds: 10,
    });
    const status = await client.getStatus(instanceId, { showInput: true });
    const all = await client.getStatusBy({ runtimeStatus: [df.OrchestrationRuntimeStatus.Completed] });
    const { instancesDeleted } = await client.purgeInstanceHistory(instanceId);
    return { jsonBody: { done: await done.json(), status, all: all.length, instancesDeleted } };
  },
});

app.eventGrid("onEvent", {
  handler: async (event: EventGridEvent, context) => {
    calls.push(event);
    if (event.subject === "fail") throw new Error("told to fail");
    if (event.subject === "wait") await gate.wait;
    context.log("took", event.subject);
  },
});
