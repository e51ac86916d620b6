import * as df from "durable-functions";
import { assessActivity } from "./names.ts";
import { portcullis } from "./portcullis.ts";

df.app.activity(assessActivity, {
  handler: async (input: unknown) => (await portcullis()).assess(input),
});
