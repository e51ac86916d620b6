import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import type { EventHubNamespace } from "../../../../local/azure/event-hub/event-hub-options.ts";
import { createEventHubs, type EventHubs } from "../../../../local/azure/event-hub/event-hubs.ts";
import { type SimulatedAzure, startSimulatedAzure } from "../../../../local/azure/simulated-azure.ts";
import { EventHubDelivery } from "../../../../local/event-hub-delivery.ts";
import type { Clock } from "../../../../shared/clock.ts";
import { simulatedToken } from "../../../e2e/support/simulated-identity.ts";

const policy = { name: "send", key: "a-shared-access-key-of-the-tests" };

export interface Hub {
  azure: SimulatedAzure;
  hubs: EventHubs;
  token: string;
  send(body: string, headers?: Record<string, string>, path?: string): Promise<Response>;
}

/** A namespace `contoso` with the hub `export` of two partitions, in a simulated Azure. */
export async function aHub(consumers: EventHubNamespace["consumers"] = [], clock?: Clock): Promise<Hub> {
  const hubs = createEventHubs({
    name: "contoso",
    hubs: [{ name: "export", partitions: 2, consumerGroups: ["portcullis"] }],
    policies: [policy],
    consumers,
  });
  const azure = await startSimulatedAzure({
    port: 0,
    gatewayPort: 0,
    services: [],
    hosts: [hubs.createHost],
    ...(clock === undefined ? {} : { clock }),
  });
  onTestFinished(async () => {
    await hubs.close();
    await azure.close();
  });
  const { token } = await simulatedToken(azure.url, "https://eventhubs.azure.net");
  return {
    azure,
    hubs,
    token,
    send: (body, headers = {}, path = "/export/messages") =>
      fetch(`${azure.url}/contoso.servicebus.windows.net${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, ...headers },
        body,
      }),
  };
}

export function sas(uri: string, expires: number, { name, key } = policy): string {
  const sr = encodeURIComponent(uri);
  const sig = createHmac("sha256", key).update(`${sr}\n${expires}`).digest("base64");
  return `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(sig)}&se=${expires}&skn=${name}`;
}

export interface Reader {
  endpoint: string;
  deliveries: EventHubDelivery[];
  /** Texts of every event that was delivered, in the order of delivery. */
  texts(partition?: string): string[];
  stop(): Promise<void>;
}

/** Stands in for a local host; `answer` gives the status of the n-th delivery, or "crash" for a broken connection. */
export async function aReader(
  answer: (index: number, delivery: EventHubDelivery) => number | "crash" | Promise<number> = () => 200,
  port = 0,
): Promise<Reader> {
  const deliveries: EventHubDelivery[] = [];
  const server = createServer(async (request, response) => {
    const delivery = EventHubDelivery.parse(await json(request));
    deliveries.push(delivery);
    const status = await answer(deliveries.length - 1, delivery);
    if (status === "crash") response.destroy();
    else response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(stop);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}/hub`,
    deliveries,
    texts: (partition) =>
      deliveries
        .filter(({ partitionId }) => partition === undefined || partitionId === partition)
        .flatMap(({ events }) => events.map(({ body }) => Buffer.from(body, "base64").toString())),
    stop,
  };
}
