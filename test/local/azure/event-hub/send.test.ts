import { describe, expect, test } from "vitest";
import { createEventHubs } from "../../../../local/azure/event-hub/event-hubs.ts";
import { simulatedToken } from "../../../e2e/support/simulated-identity.ts";
import { aHub, aReader, sas } from "./a-hub.ts";

const batchType = { "content-type": "application/vnd.microsoft.servicebus.json" };
const inAnHour = Math.floor(Date.now() / 1000) + 3600;
const resource = "https://contoso.servicebus.windows.net/export";

describe("sending to an Event Hub", () => {
  test("takes one event as it is, and answers 201 without a body", async () => {
    const reader = await aReader();
    const { send } = await aHub([{ hub: "export", consumerGroup: "$Default", endpoint: reader.endpoint }]);

    const answer = await send(
      '{"a": 1}',
      { "content-type": "application/json" },
      "/export/messages?timeout=60&api-version=2014-01",
    );

    expect([answer.status, await answer.text()]).toEqual([201, ""]);
    await expect.poll(() => reader.texts()).toEqual(['{"a": 1}']);
    expect(reader.deliveries[0]).toMatchObject({
      fullyQualifiedNamespace: "contoso.servicebus.windows.net",
      eventHubName: "export",
      consumerGroup: "$Default",
      events: [{ sequenceNumber: 0, offset: "0", partitionKey: null, properties: {} }],
    });
  });

  test("takes a batch, each event with its own properties", async () => {
    const reader = await aReader();
    const { send } = await aHub([{ hub: "export", consumerGroup: "$Default", endpoint: reader.endpoint }]);

    expect((await send('[{"Body":"1","UserProperties":{"kind":"alert"}},{"Body":"2"}]', batchType)).status).toBe(201);

    await expect.poll(() => reader.texts()).toEqual(["1", "2"]);
    expect(reader.deliveries[0]?.events.map(({ properties }) => properties)).toEqual([{ kind: "alert" }, {}]);
  });

  test("keeps what has the same key together, lets the rest take turns, and obeys who names a partition", async () => {
    const reader = await aReader();
    const { send } = await aHub([{ hub: "export", consumerGroup: "$Default", endpoint: reader.endpoint }]);
    for (let n = 0; n < 4; n++) await send(`turn-${n}`);
    for (let n = 0; n < 4; n++) await send(`key-${n}`, { BrokerProperties: '{"PartitionKey":"tenant-1"}' });
    await send("named", {}, "/export/partitions/1/messages");
    await expect.poll(() => reader.texts()).toHaveLength(9);

    const [none, one] = ["0", "1"].map((partition) => reader.texts(partition));
    expect(none?.filter((text) => text.startsWith("turn"))).toEqual(["turn-0", "turn-2"]);
    expect([none, one].map((texts) => texts?.filter((text) => text.startsWith("key")).length).sort()).toEqual([0, 4]);
    expect(one).toContain("named");
  });

  test.each([
    ["a batch that is no array", "{}", batchType, "/export/messages", 400],
    ["a batch that is not JSON", "[", batchType, "/export/messages", 400],
    ["an empty batch", "[]", batchType, "/export/messages", 400],
    ["a body that is no text", '[{"Body":{"a":1}}]', batchType, "/export/messages", 400],
    ["a field that is not documented", '[{"Body":"1","Label":"x"}]', batchType, "/export/messages", 400],
    [
      "two keys in one batch",
      '[{"Body":"1","BrokerProperties":{"PartitionKey":"a"}},{"Body":"2"}]',
      batchType,
      "/export/messages",
      400,
    ],
    [
      "a key for a named partition",
      "1",
      { BrokerProperties: '{"PartitionKey":"a"}' },
      "/export/partitions/0/messages",
      400,
    ],
    ["a hub that does not exist", "1", {}, "/other/messages", 404],
    ["a partition that does not exist", "1", {}, "/export/partitions/2/messages", 404],
    ["what is not simulated", "1", {}, "/export/publishers/p/messages", 404],
    ["more than 1 MiB", "x".repeat(1024 * 1024 + 1), {}, "/export/messages", 413],
  ])("refuses %s", async (_, body, headers, path, status) => {
    const answer = await (await aHub()).send(body, headers, path);

    expect([answer.status, await answer.json()]).toEqual([
      status,
      { Error: { Code: String(status), Detail: expect.any(String) } },
    ]);
  });

  test("takes no event of a batch of which one is wrong", async () => {
    const reader = await aReader();
    const { send } = await aHub([{ hub: "export", consumerGroup: "$Default", endpoint: reader.endpoint }]);
    await send('[{"Body":"good"},{"Body":7}]', batchType);
    await send("after");

    await expect.poll(() => reader.texts()).toEqual(["after"]);
  });

  test("can be made to fail, as every operation can", async () => {
    const { azure, send } = await aHub();
    azure.faults.add({ kind: "status", operation: "EventHubs_Send", status: 503, count: 1 });

    expect([(await send("1")).status, (await send("1")).status]).toEqual([503, 201]);
    expect(azure.calls.at(-1)).toMatchObject({ host: "contoso.servicebus.windows.net", operationId: "EventHubs_Send" });
  });
});

describe("who may send", () => {
  test.each([
    ["the hub", sas(resource, inAnHour)],
    ["the namespace", sas("sb://contoso.servicebus.windows.net/", inAnHour)],
  ])("is whoever has a shared access signature for %s", async (_, authorization) => {
    expect((await (await aHub()).send("1", { authorization })).status).toBe(201);
  });

  test.each([
    ["has expired", sas(resource, Math.floor(Date.now() / 1000) - 1)],
    ["is made with another key", sas(resource, inAnHour, { name: "send", key: "guessed" })],
    ["names another policy", sas(resource, inAnHour, { name: "other", key: "" })],
    ["is for another hub", sas("https://contoso.servicebus.windows.net/exp", inAnHour)],
    ["was given a later end", sas(resource, inAnHour).replace(`se=${inAnHour}`, `se=${inAnHour + 1}`)],
    ["has no signature", `SharedAccessSignature sr=${encodeURIComponent(resource)}&se=${inAnHour}&skn=send`],
    ["is cut off", "SharedAccessSignature sr=%E0%A4%A&sig=%&se=1&skn=send"],
    ["is of another kind", "Basic dXNlcjpwYXNz"],
  ])("is nobody whose signature %s", async (_, authorization) => {
    expect((await (await aHub()).send("1", { authorization })).status).toBe(401);
  });

  test("is nobody with a token for something else, or with nothing", async () => {
    const { azure, send } = await aHub();
    const { token } = await simulatedToken(azure.url, "https://management.azure.com");

    expect((await send("1", { authorization: `Bearer ${token}` })).status).toBe(401);
    expect(
      (await fetch(`${azure.url}/contoso.servicebus.windows.net/export/messages`, { method: "POST" })).status,
    ).toBe(401);
  });
});

test.each([
  [{ hubs: [{ name: "export", partitions: 0 }] }, "1 to 32 partitions"],
  [{ consumers: [{ hub: "other", consumerGroup: "$Default", endpoint: "http://127.0.0.1:1/" }] }, "no hub other"],
  [
    { consumers: [{ hub: "export", consumerGroup: "mine", endpoint: "http://127.0.0.1:1/" }] },
    "no consumer group mine",
  ],
  [{ consumers: [{ hub: "export", consumerGroup: "$Default", endpoint: "https://example.com/" }] }, "127.0.0.1 only"],
  [
    {
      consumers: [1, 2].map((n) => ({ hub: "export", consumerGroup: "$Default", endpoint: `http://127.0.0.1:${n}/` })),
    },
    "share the consumer group",
  ],
])("a namespace that cannot be is refused at once: %j", (changes, why) => {
  expect(() => createEventHubs({ name: "contoso", hubs: [{ name: "export", partitions: 2 }], ...changes })).toThrow(
    why,
  );
});
