import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Clock } from "../../../shared/clock.ts";
import { createEventGridAdmin } from "./admin.ts";
import { authorize } from "./authorize.ts";
import type { DeadLetter } from "./dead-letter.ts";
import { createDeliveries, type DeliveryRecords, type EventGridFaults, type EventGridStats } from "./deliveries.ts";
import { createEndpoint } from "./endpoint.ts";
import { type Envelope, toDeliverySchema } from "./envelope.ts";
import { maximumBytes, parsePublication } from "./parse-publication.ts";
import { PublishRefused } from "./publish-refused.ts";
import { checkSubscription, type Subscription, type Topic, topicHost } from "./topic-options.ts";

export interface EventGridOptions {
  topics: readonly Topic[];
  subscriptions: readonly Subscription[];
  clock: Clock;
  random?: () => number;
  /** Whether an Entra token is for `https://eventgrid.azure.net/`; without it no token is accepted. */
  verifyAudience?: (bearer: string) => boolean;
  faults?: EventGridFaults;
  /** 30 s, as in Azure, when left out. */
  responseTimeoutMs?: number;
}

export interface EventGrid {
  /** Takes `POST /api/events` for a topic's host name, or `POST /<host name>/api/events`. */
  app: Hono;
  /** `GET /_simulator/event-grid` */
  admin: Hono;
  /** The latest ones, oldest first. */
  deadLetters: readonly DeadLetter[];
  stats: Readonly<EventGridStats>;
  faults: EventGridFaults;
  close(): Promise<void>;
}

export function createEventGrid(options: EventGridOptions): EventGrid {
  const { topics, clock, random = Math.random, faults = { duplicateDeliveries: 0, reorder: false } } = options;
  const stats = { published: 0, delivered: 0, duplicates: 0, failedAttempts: 0, deadLettered: 0 };
  const records: DeliveryRecords = { pending: new Set(), delivered: [], deadLetters: [], stats };
  const closing = new AbortController();
  const running = new Set<Promise<void>>();
  const run = (work: Promise<void>) => {
    running.add(work);
    work.finally(() => running.delete(work)).catch(() => undefined);
  };

  const subscriptions = options.subscriptions.map((subscription) => {
    const topic = checkSubscription(subscription, topics);
    const endpoint = createEndpoint(topic, subscription, {
      clock,
      responseTimeoutMs: options.responseTimeoutMs ?? 30_000,
    });
    const deliveries = createDeliveries(subscription, endpoint, {
      clock,
      random,
      faults,
      records,
      signal: closing.signal,
    });
    run(deliveries.validated);
    return { ...subscription, deliver: deliveries.deliver };
  });

  const publish = (topic: Topic, envelopes: readonly Envelope[]) => {
    const deliveries = subscriptions
      .filter((subscription) => subscription.topic === topic.name)
      .flatMap(({ name, deliverySchema, deliver }) =>
        envelopes.map((published) => {
          const envelope = toDeliverySchema(published, deliverySchema);
          if (envelope) return () => deliver(envelope);
          throw new PublishRefused(
            "BadRequest",
            `A CloudEvent cannot be delivered in the Event Grid schema, which the subscription ${name} asks for.`,
          );
        }),
      );
    stats.published += envelopes.length;
    for (const deliver of deliveries) run(deliver());
  };

  const app = new Hono();
  app.onError((error) => {
    if (error instanceof PublishRefused) return error.toResponse();
    throw error;
  });
  app.notFound(() => new PublishRefused("NotFound", "Event Grid takes POST /api/events only.").toResponse());
  const limit = bodyLimit({
    maxSize: maximumBytes,
    onError: () =>
      new PublishRefused("PayloadTooLarge", `An event or a batch has at most ${maximumBytes} bytes.`).toResponse(),
  });
  app.on("POST", ["/api/events", "/:host/api/events"], limit, async (context) => {
    const hosts = [context.req.param("host"), context.req.header("host"), new URL(context.req.url).host];
    const topic = topics.find((candidate) => hosts.some((host) => host?.toLowerCase() === topicHost(candidate)));
    if (!topic) throw new PublishRefused("NotFound", `There is no topic ${hosts.find(Boolean)}.`);

    authorize(topic, (name) => context.req.header(name), options.verifyAudience);
    publish(topic, parsePublication(topic, context.req.header("content-type") ?? "", await context.req.text()));
    return context.body(null, 200);
  });

  return {
    app,
    admin: createEventGridAdmin(records, faults),
    deadLetters: records.deadLetters,
    stats,
    faults,
    async close() {
      closing.abort();
      await Promise.allSettled(running);
    },
  };
}
