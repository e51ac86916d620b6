import { app } from "@azure/functions";
import * as df from "durable-functions";
import type { Door } from "../shared/webhook/door.ts";
import { portcullis } from "./portcullis.ts";
import { starter } from "./starter.ts";

let door: Promise<Door> | undefined;

app.http("receiveAlerts", {
  route: "alerts",
  methods: ["POST", "OPTIONS"],
  // Callers are authenticated by the webhook itself: by its key or by their Entra token.
  authLevel: "anonymous",
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const { answerWebhook } = await import("../shared/webhook/answer-webhook.ts");
    const { method, headers, query, body } = request;
    const call = {
      method,
      header: (name: string) => headers.get(name) ?? undefined,
      query: (name: string) => query.get(name) ?? undefined,
      body: body ?? undefined,
    };
    const answer = await answerWebhook(call, {
      door: openDoor,
      receive: async (value, from) => (await portcullis()).receiveBody(value, from, starter(context)),
      onFailure: (error) => context.error("alerts could not be received", error),
    });
    return {
      status: answer.status,
      headers: answer.headers,
      ...(answer.body === undefined ? {} : { jsonBody: answer.body }),
    };
  },
});

/** Apart from the product: who may come in is known while the ledger is down. A failure is tried again by the next call. */
function openDoor(): Promise<Door> {
  door ??= makeDoor();
  door.catch(() => {
    door = undefined;
  });
  return door;
}

async function makeDoor(): Promise<Door> {
  const [{ readSettings }, { createEntraKeys }, { systemClock }] = await Promise.all([
    import("../shared/config.ts"),
    import("../shared/azure/entra-keys.ts"),
    import("../shared/clock.ts"),
  ]);
  const settings = readSettings();
  return { settings, keys: createEntraKeys(settings), clock: systemClock };
}
