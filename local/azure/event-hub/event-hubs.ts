import { createHash } from "node:crypto";
import type { Clock } from "../../../shared/clock.ts";
import { refusal } from "../resource-manager/refusals.ts";
import type { CreateHost, HostCall } from "../simulated-host.ts";
import { authorizeSend } from "./authorize-send.ts";
import { checkNamespace, type EventHub, type EventHubNamespace, namespaceHost } from "./event-hub-options.ts";
import { parseSend, type Sending } from "./parse-send.ts";
import { createPartition, type Partition } from "./partition.ts";
import { type PumpState, startPump } from "./pump.ts";
import { SendRefused } from "./send-refused.ts";

export interface EventHubs {
  /** Takes `POST https://NAME.servicebus.windows.net/HUB/messages`; from then on events flow to the consumers. */
  createHost: CreateHost;
  /** How far each consumer is in each partition. */
  state(): PumpState[];
  close(): Promise<void>;
}

const send = "EventHubs_Send";
const path = /^\/([^/]+)(?:\/partitions\/(\d{1,2}))?\/messages\/?$/;

/**
 * One Event Hubs namespace. Played: the REST operations that send (https://learn.microsoft.com/rest/api/eventhub/), partitions with
 * offsets and order, consumer groups that each read everything, delivery at least once. Not played: AMQP and Kafka (so no client of
 * Event Hubs can read here), the management API, publisher policies, capture, throughput limits, retention by time.
 */
export function createEventHubs(namespace: EventHubNamespace): EventHubs {
  checkNamespace(namespace);
  const closing = new AbortController();
  const hubs = new Map(namespace.hubs.map((hub) => [hub.name.toLowerCase(), createHub(hub)]));
  let pumps: ReturnType<typeof startPump>[] = [];

  function pumpsOf(clock: Clock) {
    const fullyQualifiedNamespace = namespaceHost(namespace);
    return (namespace.consumers ?? []).flatMap((consumer) =>
      (hubs.get(consumer.hub.toLowerCase())?.partitions ?? []).map((partition) =>
        startPump({ fullyQualifiedNamespace, consumer, partition, clock, signal: closing.signal }),
      ),
    );
  }

  const createHost: CreateHost = ({ clock, identity }) => {
    pumps = pumpsOf(clock);
    const take = ({ method, url, header, text }: HostCall): void => {
      const [, name = "", partition] = path.exec(url.pathname) ?? [];
      authorizeSend(header("authorization"), url, { namespace, identity, clock });
      const hub = hubs.get(name.toLowerCase());
      if (!hub || method !== "POST") throw new SendRefused(404, `40400: Endpoint not found: ${method} ${url.pathname}`);
      hub.take(parseSend(text, header), partition, clock.now());
    };
    return {
      serves: (host) => host === namespaceHost(namespace),
      operations: [send],
      operationOf: (method, url) => (method === "POST" && path.test(url.pathname) ? send : undefined),
      answer(call, strike) {
        if (strike.refuse !== undefined) {
          const error = refusal(strike.refuse);
          return { status: error.status, headers: { ...error.headers }, body: error.body() };
        }
        try {
          take(call);
          return { status: 201, headers: { "content-type": "application/xml; charset=utf-8" } };
        } catch (error) {
          if (error instanceof SendRefused) return error.toAnswer();
          throw error;
        }
      },
    };
  };

  return {
    createHost,
    state: () => pumps.map(({ state }) => state()),
    async close() {
      closing.abort();
      await Promise.all(pumps.map(({ over }) => over));
    },
  };
}

function createHub({ name, partitions: count }: EventHub) {
  const partitions = Array.from({ length: count }, (_, index) => createPartition(String(index)));
  let turn = 0;

  /** Without a key the partitions take turns; what is sent together stays together. Azure's hash of a key is another one. */
  function choose(asked: string | undefined, key: string | undefined): Partition | undefined {
    if (asked !== undefined) return partitions[Number(asked)];
    if (key === undefined) return partitions[turn++ % count];
    return partitions[createHash("sha256").update(key).digest().readUInt32BE() % count];
  }

  return {
    partitions,
    take({ events, partitionKey }: Sending, asked: string | undefined, now: Date): void {
      if (asked !== undefined && partitionKey !== undefined)
        throw new SendRefused(400, "A PartitionKey cannot be used when sending to a partition.");
      const partition = choose(asked, partitionKey);
      if (!partition)
        throw new SendRefused(404, `40400: The hub ${name} has no partition ${asked}; it has ${count}, from 0 on.`);
      partition.append(events, partitionKey, now);
    },
  };
}
