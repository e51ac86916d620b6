import * as df from "durable-functions";
import { assess } from "../shared/response/assess.ts";
import { Request } from "../shared/response/request.ts";
import { assessActivity } from "./names.ts";
import { portcullis } from "./portcullis.ts";

df.app.activity(assessActivity, {
  handler: async (input: unknown) => assess(Request.parse(input), (await portcullis()).assessor),
});
