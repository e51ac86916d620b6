import { randomUUID } from "node:crypto";
import { app } from "@azure/functions";
import * as df from "durable-functions";
import { caller } from "./caller.ts";
import { portcullis } from "./portcullis.ts";
import { problem } from "./problem.ts";
import { starter } from "./starter.ts";

app.http("runPlaybook", {
  route: "playbooks/{name}/run",
  methods: ["POST"],
  authLevel: "function",
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const { playbooks, requestByHand, startByHand } = await portcullis();
    const name = request.params.name ?? "";
    const playbook = playbooks.find((candidate) => candidate.name === name);
    if (!playbook) {
      const names = playbooks.map((known) => known.name).join(", ");
      return problem(404, "No such playbook", `There is no playbook of that name. There are: ${names}.`);
    }
    let body: unknown;
    try {
      body = await request.json();
    } catch {
      return problem(
        400,
        "Not JSON",
        'Send a JSON object, such as {"target":{"address":"203.0.113.7"},"mode":"observe"}.',
      );
    }
    try {
      const key = request.headers.get("idempotency-key") ?? randomUUID();
      const run = requestByHand({ playbook, body, key, by: caller });
      await startByHand(starter(context), run);
      const location = `/api/runs/${run.runId}`;
      return {
        status: 202,
        headers: { location },
        jsonBody: { runId: run.runId, mode: run.byHand?.mode, look: location },
      };
    } catch (error) {
      if (error instanceof Error && error.name === "RunRefused")
        return problem(400, "The run was refused", error.message);
      throw error;
    }
  },
});
