import * as df from "durable-functions";
import type { ConcludeInput } from "../shared/response/conclude.ts";
import { concludeActivity } from "./names.ts";
import { portcullis } from "./portcullis.ts";

df.app.activity(concludeActivity, {
  handler: async (input: ConcludeInput) => (await portcullis()).conclude(input),
});
