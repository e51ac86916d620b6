import { serve } from "@hono/node-server";
import { Hono } from "hono";

interface Received {
  headers: Record<string, string>;
  body: unknown;
}

export interface Webhook {
  endpoint: string;
  /** Notifications only, in the order of their arrival. */
  received: Received[];
  handshakes: Received[];
  stop(): void;
}

/** The host's webhook as Event Grid sees it; `answer` gives the status to the n-th notification, counted from 0. */
export async function aWebhook(
  answer: (index: number) => number | Promise<number> = () => 202,
  port = 0,
): Promise<Webhook> {
  const received: Received[] = [];
  const handshakes: Received[] = [];
  const app = new Hono();
  app.options("/hook", (context) => {
    handshakes.push({ headers: context.req.header(), body: undefined });
    context.header("WebHook-Allowed-Origin", context.req.header("webhook-request-origin"));
    return context.body(null, 200);
  });
  app.post("/hook", async (context) => {
    const request = { headers: context.req.header(), body: await context.req.json() };
    if (context.req.header("aeg-event-type") === "SubscriptionValidation") {
      handshakes.push(request);
      return context.json({ validationResponse: request.body[0].data.validationCode });
    }
    received.push(request);
    return new Response(null, { status: await answer(received.length - 1), headers: { location: "/elsewhere" } });
  });

  const { origin, stop } = await serveOnLoopback(app, port);
  return { endpoint: `${origin}/hook`, received, handshakes, stop };
}

export function serveOnLoopback(app: Hono, port = 0): Promise<{ origin: string; stop: () => void }> {
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port }, (address) =>
      resolve({
        origin: `http://127.0.0.1:${address.port}`,
        stop: () => {
          server.close();
          if ("closeAllConnections" in server) server.closeAllConnections();
        },
      }),
    );
  });
}
