import { app } from "@azure/functions";
import { portcullis } from "./portcullis.ts";
import { problem } from "./problem.ts";

app.http("listContainments", {
  route: "containments",
  methods: ["GET"],
  authLevel: "function",
  handler: async (request) => {
    const state = request.query.get("state") ?? "standing";
    if (state !== "standing" && state !== "released") {
      return problem(400, "Unknown state", "state is standing (the default) or released.");
    }
    const { ledger } = await portcullis();
    const points = await ledger.points.all();
    const found = await Promise.all(
      points.map(async ({ key }) =>
        state === "released"
          ? ledger.containments.released(key)
          : (await ledger.containments.at(key)).map(({ containment }) => containment),
      ),
    );
    return { jsonBody: { containments: found.flat() } };
  },
});
