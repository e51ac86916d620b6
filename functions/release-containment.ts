import { app } from "@azure/functions";
import * as df from "durable-functions";
import type { ReconcileInput } from "../shared/response/reconciled.ts";
import { caller } from "./caller.ts";
import { enforcementPointEntity } from "./names.ts";
import { portcullis } from "./portcullis.ts";
import { problem } from "./problem.ts";

app.http("releaseContainment", {
  route: "containments/{id}",
  methods: ["DELETE"],
  authLevel: "function",
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const id = request.params.id ?? "";
    if (!/^[a-z0-9-]{1,100}$/.test(id))
      return problem(400, "Not a containment id", "GET /api/containments lists them.");
    const { ledger, clock } = await portcullis();
    for (const point of await ledger.points.all()) {
      const ended = await ledger.containments.end(point.key, id, `released early by ${caller}`, clock.now());
      if (!ended) continue;
      const input: ReconcileInput = { point, containments: [], fresh: true };
      await df.getClient(context).signalEntity(new df.EntityId(enforcementPointEntity, point.key), "reconcile", input);
      return { status: 202, jsonBody: { id, state: "releasing", look: "/api/containments" } };
    }
    return problem(404, "No such containment", "Nothing of that id stands. GET /api/containments lists what does.");
  },
});
