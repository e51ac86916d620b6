import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createEventGrid } from "../../../local/azure/event-grid/topic.ts";
import { send } from "../../../local/send.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { aWebhook, serveOnLoopback } from "../azure/event-grid/a-webhook.ts";

const path = "/alerts.westeurope-1.eventgrid.azure.net/api/events";
const alert = { type: "Microsoft.Security/Locations/alerts", properties: { alertType: "API_SprayInRequests" } };
const id = "ac7a32f9";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "portcullis-send-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function aFile(content: unknown): Promise<string> {
  const file = join(folder, `${Math.random()}.json`);
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

/** A local topic on a real port, delivering to a webhook that keeps what it gets. */
async function aTopic(key = "local-only-topic-key") {
  const webhook = await aWebhook();
  const grid = createEventGrid({
    topics: [{ name: "alerts", region: "westeurope", key }],
    subscriptions: [{ topic: "alerts", name: "to-host", endpoint: webhook.endpoint }],
    clock: createManualClock(),
  });
  const { origin, stop } = await serveOnLoopback(grid.app);
  onTestFinished(async () => {
    await grid.close();
    webhook.stop();
    stop();
  });
  return { url: `${origin}${path}`, grid, webhook };
}

async function run(args: string[], env: Record<string, string> = {}) {
  const lines: string[] = [];
  const errors: string[] = [];
  const code = await send(args, {
    env,
    clock: createManualClock("2026-01-01T00:00:00.000Z"),
    print: (line) => lines.push(line),
    printError: (line) => errors.push(line),
  });
  return { code, out: lines.join("\n"), err: errors.join("\n") };
}

async function delivered({ grid, webhook }: Awaited<ReturnType<typeof aTopic>>, count: number): Promise<unknown[]> {
  await expect.poll(() => grid.stats.delivered, { timeout: 15_000 }).toBe(count);
  return webhook.received.map(({ body }) => body);
}

describe("send", () => {
  it("wraps an alert in an Event Grid event and says what it published", async () => {
    const topic = await aTopic();

    const { code, out } = await run([await aFile(alert), "--topic-url", topic.url]);

    expect(code).toBe(0);
    expect(await delivered(topic, 1)).toMatchObject([
      [
        {
          eventType: "Portcullis.DefenderAlert",
          subject: "alerts/API_SprayInRequests",
          eventTime: "2026-01-01T00:00:00.000Z",
          data: alert,
        },
      ],
    ]);
    expect(out).toContain(`Published 1 event (eventgrid) to ${topic.url}`);
    expect(out).toContain("alerts/API_SprayInRequests");
    expect(out).toContain("curl http://127.0.0.1:7071/api/containments");
  });

  it("wraps an alert in a CloudEvent when asked to", async () => {
    const topic = await aTopic();

    const { code } = await run([
      await aFile({ AlertType: "KV_TORAccess" }),
      "--schema",
      "cloudevents",
      "--topic-url",
      topic.url,
    ]);

    expect(code).toBe(0);
    expect(await delivered(topic, 1)).toMatchObject([
      {
        specversion: "1.0",
        type: "Portcullis.DefenderAlert",
        subject: "alerts/KV_TORAccess",
        data: { AlertType: "KV_TORAccess" },
      },
    ]);
  });

  it("gives the same content the same id, and other content another", async () => {
    const files = await Promise.all([
      aFile(alert),
      aFile(JSON.stringify(alert, null, 2)),
      aFile({ ...alert, name: "x" }),
    ]);
    const topic = await aTopic();

    for (const file of files) await run([file, "--topic-url", topic.url]);

    const ids = (await delivered(topic, 3)).map((body) => (Array.isArray(body) ? body[0].id : undefined));
    expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it("sends events as they are and alerts wrapped, all of an array", async () => {
    const topic = await aTopic();
    const event = { id, subject: "s", eventType: "T", eventTime: "2025-01-01T00:00:00Z", data: {}, dataVersion: "7" };
    const cloudEvent = { specversion: "1.0", id, source: "/s", type: "T", extension: "kept" };

    const { code, out } = await run([
      await aFile([event, cloudEvent, alert, { ...cloudEvent, id: "b" }]),
      "--topic-url",
      topic.url,
    ]);

    expect(code).toBe(0);
    expect(out).toMatch(/Published 2 events \(eventgrid\).*Published 2 events \(cloudevents\)/s);
    const bodies = await delivered(topic, 4);
    expect(bodies).toContainEqual([expect.objectContaining(event)]);
    expect(bodies).toContainEqual(cloudEvent);
    expect(bodies).toContainEqual([expect.objectContaining({ data: alert })]);
  });

  it("takes the topic's address and key from the environment", async () => {
    const topic = await aTopic("another-key");
    const file = await aFile(alert);

    const right = await run([file], {
      PORTCULLIS_LOCAL_TOPIC_URL: topic.url,
      PORTCULLIS_LOCAL_TOPIC_KEY: "another-key",
    });
    const wrong = await run([file], { PORTCULLIS_LOCAL_TOPIC_URL: topic.url });

    expect(right.code).toBe(0);
    expect(wrong).toMatchObject({ code: 1, err: expect.stringMatching(/401.*PORTCULLIS_LOCAL_TOPIC_KEY/s) });
  });

  it.each([
    ["https://alerts.westeurope-1.eventgrid.azure.net/api/events"],
    ["http://127.0.0.1.example.com/api/events"],
    ["http://127.0.0.1@example.com/"],
    ["alerts"],
  ])("refuses to send to %s", async (url) => {
    const file = await aFile(alert);

    const { code, err } = await run([file, "--topic-url", url]);
    const byEnvironment = await run([file], { PORTCULLIS_LOCAL_TOPIC_URL: url });

    expect(code).toBe(2);
    expect(err).toContain("not on this machine");
    expect(byEnvironment.code).toBe(2);
  });

  it.each([
    ["[]", "nothing to publish"],
    ["42", "the file is not an object"],
    ["[{}, [1]]", "element 1 of the array is not an object"],
    ['{\n  "a": 1,\n}', "expected a key at line 3, column 1"],
    ["", "expected a value at line 1, column 1"],
  ])("says what is wrong with a file that holds %j", async (content, message) => {
    const { code, err } = await run([await aFile(content)]);

    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  it("says what was published before the topic refused the rest", async () => {
    const topic = await aTopic();
    const broken = { specversion: "0.3", id, source: "/s", type: "T" };

    const { code, out, err } = await run([await aFile([alert, broken]), "--topic-url", topic.url]);

    expect(code).toBe(1);
    expect(out).toContain("Published 1 event (eventgrid)");
    expect(err).toContain("specversion");
  });

  it("reads a file that begins with a byte order mark", async () => {
    const topic = await aTopic();

    const { code } = await run([await aFile(`\uFEFF${JSON.stringify(alert)}`), "--topic-url", topic.url]);

    expect(code).toBe(0);
  });

  it("says so when the file is absent or a folder", async () => {
    const absent = await run([join(folder, "absent.json")]);
    const aFolder = await run([folder]);

    expect(absent).toMatchObject({ code: 2, err: expect.stringContaining("there is no such file") });
    expect(aFolder).toMatchObject({ code: 2, err: expect.stringContaining("it is a folder") });
  });

  it("asks whether npm start is running when nothing listens", async () => {
    const port = await anUnusedPort();

    const { code, err } = await run([await aFile(alert), "--topic-url", `http://127.0.0.1:${port}${path}`]);

    expect(code).toBe(1);
    expect(err).toContain("Is `npm start` running?");
  });

  it("passes on the topic's reason when it refuses", async () => {
    const topic = await aTopic();
    const incomplete = { id, subject: "", eventType: "T", eventTime: "2025-01-01T00:00:00Z" };

    const refused = await run([await aFile(incomplete), "--topic-url", topic.url]);
    const tooLarge = await run([await aFile({ text: "x".repeat(1024 * 1024) }), "--topic-url", topic.url]);

    expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/400: Event 0 .*subject/) });
    expect(tooLarge).toMatchObject({ code: 1, err: expect.stringMatching(/413: .*Split the file/) });
  });

  it.each([[[]], [["a.json", "b.json"]], [["a.json", "--unknown"]], [["a.json", "--schema", "xml"]]])(
    "answers %j with how it is used",
    async (args) => {
      const { code, err } = await run(args);

      expect(code).toBe(2);
      expect(err).toMatch(/npm run send -- FILE|--schema is/);
    },
  );

  it("explains itself", async () => {
    expect(await run(["--help"])).toMatchObject({ code: 0, out: expect.stringContaining("--topic-url") });
  });

  it("runs as a program with the same exit codes", async () => {
    const topic = await aTopic();
    const file = await aFile(alert);

    const good = await runProgram([file, "--topic-url", topic.url]);
    const bad = await runProgram([join(folder, "absent.json")]);

    expect(good).toMatchObject({ code: 0, out: expect.stringContaining("Published 1 event") });
    expect(bad).toMatchObject({ code: 2, out: expect.stringContaining("there is no such file") });
  });
});

async function anUnusedPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

async function runProgram(args: string[]): Promise<{ code: number | null; out: string }> {
  const program = resolve(import.meta.dirname, "../../../local/send.ts");
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) =>
    child.on("close", (code) => resolve({ code, out: Buffer.concat(chunks).toString() })),
  );
}
