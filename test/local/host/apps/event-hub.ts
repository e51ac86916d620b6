import { app, type InvocationContext } from "@azure/functions";
import { calls, gate } from "./record.ts";

const source = { connection: "TEST_HUB", eventHubName: "%TEST_HUB_NAME%", consumerGroup: "%TEST_HUB_GROUP%" } as const;

async function take(name: string, messages: unknown, context: InvocationContext): Promise<void> {
  calls.push({ name, messages, retry: context.retryContext, metadata: context.triggerMetadata });
  const text = JSON.stringify(messages);
  if (text.includes("gate")) await gate.wait;
  if (text.includes("poison")) throw new Error("told to fail");
  const until = /"succeedsAfter":(\d+)/.exec(text)?.[1];
  if (until !== undefined && (context.retryContext?.retryCount ?? 0) < Number(until)) throw new Error("not yet");
}

app.eventHub("batches", {
  ...source,
  cardinality: "many",
  handler: (messages, context) => take("batches", messages, context),
});
app.eventHub("singles", {
  ...source,
  consumerGroup: "singles",
  cardinality: "one",
  retry: { strategy: "fixedDelay", maxRetryCount: 2, delayInterval: { seconds: 10 } },
  handler: (message, context) => take("singles", message, context),
});
app.eventHub("patient", {
  ...source,
  cardinality: "many",
  retry: {
    strategy: "exponentialBackoff",
    maxRetryCount: -1,
    minimumInterval: { seconds: 2 },
    maximumInterval: { minutes: 2 },
  },
  handler: (messages, context) => take("patient", messages, context),
});
