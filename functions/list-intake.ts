import { app } from "@azure/functions";
import { portcullis } from "./portcullis.ts";
import { problem } from "./problem.ts";

const outcomes = ["accepted", "duplicate", "ignored", "refused", "waiting"];

app.http("listIntake", {
  route: "intake",
  methods: ["GET"],
  authLevel: "function",
  handler: async (request) => {
    const { ledger, clock } = await portcullis();
    const day = request.query.get("day") ?? clock.now().toISOString().slice(0, 10);
    const outcome = request.query.get("outcome");
    if (!/^\d{4}-\d\d-\d\d$/.test(day)) return problem(400, "Not a day", "day is a UTC date such as 2026-11-23.");
    if (outcome !== null && !outcomes.includes(outcome)) {
      return problem(400, "Unknown outcome", `outcome is one of ${outcomes.join(", ")}.`);
    }
    const lines = await ledger.journal.day(day);
    const asked = outcome === null ? lines : lines.filter((line) => line.outcome === outcome);
    return { jsonBody: { day, total: asked.length, intake: asked.slice(-500) } };
  },
});
