import { app } from "@azure/functions";
import * as df from "durable-functions";
import { printableJson } from "../shared/printable.ts";
import { portcullis } from "./portcullis.ts";
import { starter } from "./starter.ts";

app.timer("pollGraphAlerts", {
  schedule: "%PORTCULLIS_POLL_SCHEDULE%",
  extraInputs: [df.input.durableClient()],
  handler: async (_timer, context) => {
    const report = await (await portcullis()).pollGraphAlerts(starter(context));
    if (!report) return;
    // Alerts of these instants are out of reach: a person has to look for them in the portal.
    if (report.lostAt) context.warn("alerts of Graph could not be read to the end", printableJson(report));
    else context.info("alerts polled from Graph", printableJson(report));
  },
});
