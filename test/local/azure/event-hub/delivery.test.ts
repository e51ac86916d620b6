import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { eventHubPath } from "../../../../local/event-hub-delivery.ts";
import { createManualClock } from "../../../support/manual-clock.ts";
import { calls, closeGate, gate } from "../../host/apps/record.ts";
import { startTestHost, temporaryFolder } from "../../host/support.ts";
import { aHub, aReader } from "./a-hub.ts";

const consume = (endpoint: string, maxEventBatchSize = 100) => [
  { hub: "export", consumerGroup: "$Default", endpoint, maxEventBatchSize },
];
/** To one partition, one after another. */
const toPartition = "/export/partitions/0/messages";

describe("an Event Hub's delivery", () => {
  test("is in order and one batch at a time within a partition, while another partition goes on", async () => {
    let release = () => {};
    const held = new Promise<number>((resolve) => {
      release = () => resolve(200);
    });
    const reader = await aReader((_, { partitionId }) => (partitionId === "0" ? held : 200));
    const { send, hubs } = await aHub(consume(reader.endpoint, 2));
    for (const text of ["a", "b", "c", "d", "e"]) await send(text, {}, toPartition);
    await send("other", {}, "/export/partitions/1/messages");

    await expect.poll(() => reader.texts("1")).toEqual(["other"]);
    const first = reader.texts("0");
    release();
    await expect.poll(() => hubs.state().map(({ behind }) => behind)).toEqual([0, 0]);

    expect(first).toEqual(["a"]);
    expect(reader.texts("0")).toEqual(["a", "b", "c", "d", "e"]);
    const sizes = reader.deliveries.filter(({ partitionId }) => partitionId === "0").map(({ events }) => events.length);
    expect(sizes).toEqual([1, 2, 2]);
  });

  test("of a batch comes again until it is checkpointed: after a crash, an error, and a host that is not there yet", async () => {
    const clock = createManualClock();
    const reader = await aReader((index) => (["crash", 503, 404] as const)[index] ?? 200);
    const { send, hubs } = await aHub(consume(reader.endpoint), clock);
    await send("first", {}, toPartition);
    for (const deliveries of [1, 2, 3]) {
      await expect.poll(() => reader.deliveries.length).toBe(deliveries);
      await expect.poll(() => clock.waits()).toEqual([1000]);
      expect(hubs.state()[0]).toMatchObject({
        checkpoint: 0,
        behind: deliveries === 1 ? 1 : 2,
        trouble: expect.any(String),
      });
      if (deliveries === 1) await send("second", {}, toPartition);
      await clock.advance(1000);
    }
    await expect
      .poll(() => hubs.state()[0])
      .toEqual({
        hub: "export",
        consumerGroup: "$Default",
        partition: "0",
        checkpoint: 2,
        behind: 0,
      });

    expect(reader.texts()).toEqual(["first", "first", "second", "first", "second", "first", "second"]);
  });

  test("goes to every consumer group in full, each at its own pace", async () => {
    const slow = await aReader(() => 503);
    const quick = await aReader();
    const { send, hubs } = await aHub([
      { hub: "export", consumerGroup: "$Default", endpoint: slow.endpoint },
      { hub: "export", consumerGroup: "portcullis", endpoint: quick.endpoint },
    ]);
    await send("1", {}, toPartition);
    await expect.poll(() => quick.texts()).toEqual(["1"]);
    await expect.poll(() => slow.texts().length).toBeGreaterThan(0);

    const behind = hubs
      .state()
      .filter(({ partition }) => partition === "0")
      .map((state) => [state.consumerGroup, state.behind]);
    expect(behind).toEqual([
      ["$Default", 1],
      ["portcullis", 0],
    ]);
  });
});

describe("an Event Hub and a local host", () => {
  const loadApp = () => import("../../host/apps/event-hub.ts");
  beforeEach(() => {
    vi.stubEnv("TEST_HUB__fullyQualifiedNamespace", "contoso.servicebus.windows.net");
    vi.stubEnv("TEST_HUB_NAME", "export");
    vi.stubEnv("TEST_HUB_GROUP", "$Default");
    return () => vi.unstubAllEnvs();
  });

  test("lose nothing when the host dies between delivery and checkpoint: the batch comes again to the next one", async () => {
    calls.length = 0;
    closeGate();
    const stateFile = join(temporaryFolder(), "state.db");
    const first = await startTestHost(loadApp, { stateFile });
    const clock = createManualClock();
    const { send, hubs } = await aHub(consume(`${first.url}${eventHubPath}?functionName=patient`), clock);
    await send('"behind the gate"', {}, toPartition);
    await expect.poll(() => calls.length).toBe(1);
    await send('"next"', {}, toPartition);

    const closed = first.close();
    await expect.poll(() => hubs.state()[0]?.trouble).toContain("did not answer");
    gate.open();
    await closed;
    await startTestHost(loadApp, { stateFile, port: Number(new URL(first.url).port) });
    await clock.advance(1000);
    await expect.poll(() => hubs.state()[0]?.behind).toBe(0);

    expect(calls.map((call) => (call as { messages: unknown }).messages)).toEqual([
      ["behind the gate"],
      ["behind the gate", "next"],
    ]);
  });
});
