import { app } from "@azure/functions";
import * as df from "durable-functions";
import { portcullis } from "./portcullis.ts";
import { problem } from "./problem.ts";
import { starter } from "./starter.ts";

app.http("getRun", {
  route: "runs/{id}",
  methods: ["GET"],
  authLevel: "function",
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const { ledger } = await portcullis();
    const id = request.params.id ?? "";
    if (!/^[a-z0-9-]{1,100}$/.test(id))
      return problem(400, "Not a run id", "A run id has small letters, digits and hyphens.");
    const run = await ledger.runs.get(id);
    if (run?.timeline.concluded) return { jsonBody: { state: "concluded", ...run } };
    const status = await starter(context).status(id);
    if (run) return { jsonBody: { state: status === "failed" ? "failed" : "responding", ...run } };
    if (status !== "none") return { jsonBody: { id, state: status === "failed" ? "failed" : "deciding" } };
    return problem(404, "No such run", "No run of that id was started. GET /api/containments shows what stands.");
  },
});
