import { app, type InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import { printableJson } from "../shared/printable.ts";
import { portcullis } from "./portcullis.ts";
import { starter } from "./starter.ts";

app.eventGrid("receiveAlert", {
  extraInputs: [df.input.durableClient()],
  handler: async (event: unknown, context: InvocationContext) => {
    const intakes = await (await portcullis()).receiveEvent(event, starter(context));
    for (const intake of intakes) context.info("event taken", printableJson(intake));
  },
});
