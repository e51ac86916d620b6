import * as df from "durable-functions";
import { type ContainInput, contain } from "../shared/response/contain.ts";
import { containActivity } from "./names.ts";
import { portcullis } from "./portcullis.ts";

df.app.activity(containActivity, {
  handler: async (input: ContainInput) => {
    const { ledger, clock } = await portcullis();
    return contain(input, { ...ledger, clock });
  },
});
