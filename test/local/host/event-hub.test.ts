import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { type EventHubDelivery, eventHubPath } from "../../../local/event-hub-delivery.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { calls, closeGate, gate } from "./apps/record.ts";
import { startTestHost, temporaryFolder } from "./support.ts";

const loadApp = () => import("./apps/event-hub.ts");
const at = "2026-01-01T00:00:00.000Z";

interface Call {
  name: string;
  messages: unknown;
  retry?: { retryCount: number; maxRetryCount: number };
  metadata: Record<string, unknown>;
}
const seen = () => calls as Call[];

beforeEach(() => {
  calls.length = 0;
  vi.stubEnv("TEST_HUB__fullyQualifiedNamespace", "contoso.servicebus.windows.net");
  vi.stubEnv("TEST_HUB_NAME", "export");
  vi.stubEnv("TEST_HUB_GROUP", "$Default");
  return () => vi.unstubAllEnvs();
});

function delivery(bodies: readonly (string | Buffer)[], changes: Partial<EventHubDelivery> = {}): EventHubDelivery {
  return {
    fullyQualifiedNamespace: "contoso.servicebus.windows.net",
    eventHubName: "export",
    consumerGroup: "$Default",
    partitionId: "0",
    events: bodies.map((body, index) => ({
      body: Buffer.from(body).toString("base64"),
      offset: String(index * 100),
      sequenceNumber: index,
      enqueuedTimeUtc: at,
      partitionKey: index === 0 ? "k" : null,
      properties: { n: index },
    })),
    ...changes,
  };
}

function deliver(host: { url: string }, name: string, body: unknown): Promise<Response> {
  return fetch(`${host.url}${eventHubPath}?functionName=${name}`, { method: "POST", body: JSON.stringify(body) });
}

describe("an Event Hub trigger", () => {
  test("gets a batch as an array: JSON parsed, other text as it is", async () => {
    const host = await startTestHost(loadApp);

    const answer = await deliver(host, "batches", delivery(['{"a":1}', "plain text", '"text"', "[1]"]));

    expect([answer.status, await answer.json()]).toEqual([200, { checkpoint: true }]);
    expect(seen()).toHaveLength(1);
    expect(seen()[0]).toMatchObject({ messages: [{ a: 1 }, "plain text", "text", [1]], retry: undefined });
  });

  test("is told where each event stood", async () => {
    const host = await startTestHost(loadApp);
    await deliver(host, "batches", delivery(["1", "2"]));

    expect(seen()[0]?.metadata).toMatchObject({
      partitionContext: {
        fullyQualifiedNamespace: "contoso.servicebus.windows.net",
        eventHubName: "export",
        consumerGroup: "$Default",
        partitionId: "0",
      },
      offsetArray: ["0", "100"],
      sequenceNumberArray: [0, 1],
      partitionKeyArray: ["k", null],
      enqueuedTimeUtcArray: [at, at],
      propertiesArray: [{ n: 0 }, { n: 1 }],
    });
  });

  test("gets events one by one, in order, where it asks for one", async () => {
    const host = await startTestHost(loadApp);

    await deliver(host, "singles", delivery(["1", "2", "3"], { consumerGroup: "singles" }));

    expect(seen().map(({ messages }) => messages)).toEqual([1, 2, 3]);
    expect(seen().map(({ metadata }) => metadata.sequenceNumber)).toEqual([0, 1, 2]);
  });

  test("without a retry policy moves on after a batch that failed, as in Azure", async () => {
    const host = await startTestHost(loadApp);

    expect((await deliver(host, "batches", delivery(["poison"]))).status).toBe(200);
    expect(seen()).toHaveLength(1);
    expect(host.log.map(({ message }) => message).join()).toContain("what was in the batch is not seen again");
  });

  test("with a fixed delay tries a poison event again as often as its policy says, and then moves on to the next", async () => {
    const clock = createManualClock();
    const host = await startTestHost(loadApp, { clock });

    const answer = deliver(host, "singles", delivery(['"poison"', '"fine"'], { consumerGroup: "singles" }));
    for (const attempts of [1, 2]) {
      await expect.poll(() => seen().length).toBe(attempts);
      await expect.poll(() => clock.waits()).toContain(10_000);
      await clock.advance(10_000);
    }

    expect((await answer).status).toBe(200);
    expect(seen().map(({ messages, retry }) => [messages, retry])).toEqual([
      ["poison", undefined],
      ["poison", { retryCount: 1, maxRetryCount: 2 }],
      ["poison", { retryCount: 2, maxRetryCount: 2 }],
      ["fine", undefined],
    ]);
  });

  test("without an end to its retries holds its partition up until it succeeds, and no other partition", async () => {
    const clock = createManualClock();
    const host = await startTestHost(loadApp, { clock });

    const slow = deliver(host, "patient", delivery(['{"succeedsAfter":5}']));
    const other = await deliver(host, "patient", delivery(["{}"], { partitionId: "1" }));
    for (let retry = 0; retry < 5; retry++) {
      await expect.poll(() => clock.waits()).toHaveLength(1);
      await clock.advance(clock.waits()[0] ?? 0);
    }

    expect([other.status, (await slow).status]).toEqual([200, 200]);
    expect(seen().filter(({ metadata }) => JSON.stringify(metadata).includes('"partitionId":"0"'))).toHaveLength(6);
  });

  test("loses its partition when the same comes from a new sender: the old run ends without a checkpoint first", async () => {
    const clock = createManualClock();
    const host = await startTestHost(loadApp, { clock });
    closeGate();

    const old = deliver(host, "patient", delivery(['"gate and poison"']));
    await expect.poll(() => seen().length).toBe(1);
    const next = deliver(host, "patient", delivery(['"second"']));
    // A moment for the second to overtake the first, which it must not.
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(seen()).toHaveLength(1);
    gate.open();

    expect([(await old).status, (await next).status]).toEqual([503, 200]);
    expect(seen().map(({ messages }) => messages)).toEqual([["gate and poison"], ["second"]]);
  });

  test("checkpoints nothing when the host stops in the middle, and takes the batch again after a restart", async () => {
    const stateFile = join(temporaryFolder(), "state.db");
    const clock = createManualClock();
    const first = await startTestHost(loadApp, { stateFile, clock });
    const answer = deliver(first, "patient", delivery(['"poison"'])).then(
      ({ status }) => status,
      () => "no answer",
    );
    await expect.poll(() => clock.waits().length).toBe(1);
    await first.close();
    const second = await startTestHost(loadApp, { stateFile });

    expect(await answer).not.toBe(200);
    expect((await deliver(second, "patient", delivery(["1"]))).status).toBe(200);
  });

  test("takes batches of its own hub only, and only what is one", async () => {
    const host = await startTestHost(loadApp);
    const tries: [string, unknown][] = [
      ["nobody", delivery(["1"])],
      ["batches", delivery(["1"], { eventHubName: "other" })],
      ["batches", delivery(["1"], { consumerGroup: "other" })],
      ["batches", delivery(["1"], { fullyQualifiedNamespace: "fabrikam.servicebus.windows.net" })],
      ["batches", delivery([])],
      ["batches", { ...delivery(["1"]), more: true }],
      ["batches", "text"],
    ];
    const statuses: number[] = [];
    for (const [name, body] of tries) statuses.push((await deliver(host, name, body)).status);
    const get = await fetch(`${host.url}${eventHubPath}?functionName=batches`);

    expect([...statuses, get.status]).toEqual([404, 409, 409, 409, 400, 400, 400, 405]);
    expect(seen()).toEqual([]);
  });
});

describe("the settings of an Event Hub trigger", () => {
  test("must be there, or the function must be switched off", async () => {
    vi.stubEnv("TEST_HUB_NAME", undefined);

    await expect(startTestHost(loadApp)).rejects.toThrow(
      'Event Hub function "batches" cannot run: The event hub name "%TEST_HUB_NAME%" names the setting TEST_HUB_NAME, which is not set. Set it, or AzureWebJobs.batches.Disabled to true.',
    );
  });

  test("may be a connection string, whose hub counts more than the binding's", async () => {
    vi.stubEnv("TEST_HUB__fullyQualifiedNamespace", undefined);
    await expect(startTestHost(loadApp)).rejects.toThrow("Neither TEST_HUB nor TEST_HUB__fullyQualifiedNamespace");
    vi.stubEnv(
      "TEST_HUB",
      "Endpoint=sb://fabrikam.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey=k=;EntityPath=hub-2",
    );
    const host = await startTestHost(loadApp);
    const from = { fullyQualifiedNamespace: "fabrikam.servicebus.windows.net", eventHubName: "hub-2" };

    expect((await deliver(host, "batches", delivery(["1"], from))).status).toBe(200);
    expect((await deliver(host, "batches", delivery(["1"]))).status).toBe(409);
  });
});

describe("a function that is switched off", () => {
  test.each([
    ["AzureWebJobs.batches.Disabled", "true"],
    ["AzureWebJobs_batches_Disabled", "1"],
    ["azurewebjobs.BATCHES.disabled", "True"],
  ])("by %s=%s is not there, and its settings need not be either", async (setting, value) => {
    for (const name of ["singles", "patient"]) vi.stubEnv(`AzureWebJobs.${name}.Disabled`, "true");
    vi.stubEnv("TEST_HUB_NAME", undefined);
    vi.stubEnv(setting, value);

    const host = await startTestHost(loadApp);

    expect(host.functions).toEqual([]);
    expect((await deliver(host, "batches", delivery(["1"]))).status).toBe(404);
    expect(host.log.map(({ message }) => message)).toContain('Function "batches" is disabled.');
  });

  test.each(["false", "0", "", "yes"])("is not switched off by the value %j", async (value) => {
    vi.stubEnv("AzureWebJobs.batches.Disabled", value);

    expect((await startTestHost(loadApp)).functions.map(({ name }) => name)).toContain("batches");
  });
});

test("a retry policy of any other trigger is refused: this host would not run it", async () => {
  await expect(startTestHost(() => import("./apps/retried-timer.ts"))).rejects.toThrow(
    'retry policies of Event Hub triggers only ("retried" has one of a timerTrigger)',
  );
});
