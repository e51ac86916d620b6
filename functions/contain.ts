import * as df from "durable-functions";
import type { ContainInput } from "../shared/response/contain.ts";
import { containActivity } from "./names.ts";
import { portcullis } from "./portcullis.ts";

df.app.activity(containActivity, {
  handler: async (input: ContainInput) => (await portcullis()).contain(input),
});
