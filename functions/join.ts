import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import { printableJson } from "../shared/printable.ts";
import { joinActivity } from "./names.ts";
import { portcullis } from "./portcullis.ts";
import { starter } from "./starter.ts";

df.app.activity(joinActivity, {
  extraInputs: [df.input.durableClient()],
  handler: async ({ alertId }: { alertId: string }, context: InvocationContext) => {
    const intake = await (await portcullis()).joinStreamAlert(alertId, starter(context));
    context.info("alert put together", printableJson(intake));
    return intake;
  },
});
