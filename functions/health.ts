import { app } from "@azure/functions";
import { portcullis } from "./portcullis.ts";

app.http("health", {
  route: "health",
  methods: ["GET"],
  // For probes, which hold no key: it tells that the app works, nothing about what it protects.
  authLevel: "anonymous",
  handler: async (_request, context) => {
    try {
      const { ledger, playbooks, settings } = await portcullis();
      await ledger.points.all();
      return { jsonBody: { status: "healthy", mode: settings.PORTCULLIS_MODE, playbooks: playbooks.length } };
    } catch (error) {
      context.error("not healthy", error);
      const readable = error instanceof Error && ["SettingsError", "PlaybookError"].includes(error.name);
      const detail = readable ? error.message : "The ledger cannot be reached. The log has the reason.";
      return { status: 503, jsonBody: { status: "unhealthy", detail } };
    }
  },
});
