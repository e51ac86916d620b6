import { app, type InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import { receive } from "../shared/response/receive.ts";
import { portcullis } from "./portcullis.ts";
import { starter } from "./starter.ts";

app.eventGrid("receiveAlert", {
  extraInputs: [df.input.durableClient()],
  handler: async (event: unknown, context: InvocationContext) => {
    const { playbooks, ledger, clock } = await portcullis();
    const { alerts, journal } = ledger;
    const intake = await receive(event, { playbooks, alerts, journal, clock, starter: starter(context) });
    context.info("event taken", JSON.stringify(intake));
  },
});
