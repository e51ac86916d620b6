import { app, type InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import { printableJson } from "../shared/printable.ts";
import { portcullis } from "./portcullis.ts";
import { starter } from "./starter.ts";

app.eventGrid("receiveAlert", {
  extraInputs: [df.input.durableClient()],
  handler: async (event: unknown, context: InvocationContext) => {
    const intake = await (await portcullis()).receive(event, starter(context));
    context.info("event taken", printableJson(intake));
  },
});
