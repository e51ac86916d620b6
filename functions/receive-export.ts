import { app } from "@azure/functions";
import * as df from "durable-functions";
import { printableJson } from "../shared/printable.ts";
import { portcullis } from "./portcullis.ts";
import { starter } from "./starter.ts";

/**
 * Continuous export of Defender for Cloud and streaming of Defender XDR. Functions moves on after a batch even if the function
 * failed, and a batch that failed would be lost. So it is tried again for as long as it takes: an outage of the ledger holds the
 * partition up, and Event Hubs keeps what comes meanwhile.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-error-pages#retry-policies
 */
app.eventHub("receiveExport", {
  connection: "PORTCULLIS_EVENT_HUB",
  eventHubName: "%PORTCULLIS_EVENT_HUB_NAME%",
  consumerGroup: "%PORTCULLIS_EVENT_HUB_CONSUMER_GROUP%",
  cardinality: "many",
  retry: {
    strategy: "exponentialBackoff",
    maxRetryCount: -1,
    minimumInterval: { seconds: 2 },
    maximumInterval: { minutes: 2 },
  },
  extraInputs: [df.input.durableClient()],
  handler: async (messages, context) => {
    const bodies: unknown[] = Array.isArray(messages) ? messages : [messages];
    const times = context.triggerMetadata?.enqueuedTimeUtcArray;
    const batch = bodies.map((body, index) => {
      const at: unknown = Array.isArray(times) ? times[index] : undefined;
      return { body, enqueuedAt: typeof at === "string" ? at : undefined };
    });
    const { intakes, dropped } = await (await portcullis()).receiveBatch(batch, starter(context));
    context.info("export taken", printableJson({ intakes: intakes.length, dropped }));
  },
});
