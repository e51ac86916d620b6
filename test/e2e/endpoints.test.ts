import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { aStack, type TestStack } from "./support/a-stack.ts";
import { toCloudEvent, toEventGridEvent } from "./support/defender.ts";
import { journal } from "./support/observe.ts";
import { until } from "./support/until.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await aStack();
});
afterAll(() => stack.close());

const Problem = z.strictObject({ status: z.number(), title: z.string().min(5), detail: z.string().min(10) });
const runPath = "/api/playbooks/api-block-hostile-address/run";
const target = { address: "203.0.113.7" };
const megabytes = 1024 * 1024;

describe("garbage at the endpoints for people gets a 4xx that says what would be right", () => {
  it.each<[string, string, string | Uint8Array, number, RegExp]>([
    ["no body", runPath, "", 400, /JSON/],
    ["no JSON", runPath, "{address: 203.0.113.7", 400, /JSON/],
    ["bytes that are no text", runPath, new Uint8Array([0xff, 0xfe, 0x00, 0x80]), 400, /JSON/],
    ["null", runPath, "null", 400, /object/],
    ["an array", runPath, "[]", 400, /object/],
    ["a number", runPath, "7", 400, /object/],
    ["neither alert nor target", runPath, "{}", 400, /either an alert or a target/],
    ["both", runPath, JSON.stringify({ target, alert: {} }), 400, /either an alert or a target/],
    ["a misspelt field", runPath, JSON.stringify({ target, moed: "enforce" }), 400, /moed/],
    ["a mode that is none", runPath, JSON.stringify({ target, mode: "destroy" }), 400, /mode: .*observe/],
    ["a duration that is none", runPath, JSON.stringify({ target, duration: "soon" }), 400, /duration: /],
    ["a negative duration", runPath, JSON.stringify({ target, duration: "-PT1H" }), 400, /duration: /],
    ["no duration at all", runPath, JSON.stringify({ target, duration: "PT0S" }), 400, /duration: /],
    ["a duration of months", runPath, JSON.stringify({ target, duration: "P1M" }), 400, /duration: /],
    ["a number for an address", runPath, JSON.stringify({ target: { address: 7 } }), 400, /target.address/],
    ["a block of no length", runPath, JSON.stringify({ target: { address: "203.0.113.0/33" } }), 400, /not an IP/],
    ["a name for an address", runPath, JSON.stringify({ target: { address: "localhost" } }), 400, /not an IP/],
    ["half an address", runPath, JSON.stringify({ target: { address: "203.0.113" } }), 400, /not an IP/],
    ["an octal address", runPath, JSON.stringify({ target: { address: "0313.0.0161.7" } }), 400, /not an IP/],
    [
      "a service that is no ARM id",
      runPath,
      JSON.stringify({ target: { ...target, service: "shop" } }),
      400,
      /service/,
    ],
    ["an empty alert", runPath, JSON.stringify({ alert: {} }), 400, /alert: no known alert family/],
    ["an alert of another kind", runPath, JSON.stringify({ alert: { id: 1, title: "x" } }), 400, /id, title/],
    ["a huge body", runPath, JSON.stringify({ target, note: "x".repeat(5 * megabytes) }), 400, /note/],
    ["an unknown playbook", "/api/playbooks/no-such-one/run", JSON.stringify({ target }), 404, /api-block-hostile/],
    ["a playbook in other letters", "/api/playbooks/..%2F..%2Fetc%2Fpasswd/run", "{}", 404, /api-block-hostile/],
    ["a prototype's name", "/api/playbooks/__proto__/run", "{}", 404, /api-block-hostile/],
  ])("POST with %s", async (_, path, body, status, detail) => {
    await expectProblem(await fetch(`${stack.hostUrl}${path}`, { method: "POST", body }), status, detail);
  });

  it.each<[string, string, number, RegExp]>([
    ["GET", "/api/runs/no-such-run", 404, /No run of that id/],
    ["GET", "/api/runs/..%2F..%2Fetc%2Fpasswd", 400, /run id/],
    ["GET", "/api/runs/%00", 400, /run id/],
    ["GET", `/api/runs/${"a".repeat(2_000)}`, 400, /run id/],
    ["GET", "/api/runs/'%20or%20PartitionKey%20ne%20'", 400, /run id/],
    ["GET", "/api/containments?state=all", 400, /standing .* released/],
    ["GET", "/api/containments?state=standing&state=released", 400, /standing .* released/],
    ["DELETE", "/api/containments/no-such-one", 404, /GET \/api\/containments/],
    ["DELETE", "/api/containments/..%2F..%2Fx", 400, /GET \/api\/containments/],
    ["DELETE", "/api/containments/APIM-BLOCK-IP-1", 400, /GET \/api\/containments/],
  ])("%s %s", async (method, path, status, detail) => {
    await expectProblem(await fetch(`${stack.hostUrl}${path}`, { method }), status, detail);
  });

  it.each([
    ["GET", runPath],
    ["PUT", runPath],
    ["POST", "/api/runs/x"],
    ["POST", "/api/containments"],
    ["DELETE", "/api/containments"],
    ["GET", "/api/containments/x"],
    ["DELETE", "/api/health"],
    ["GET", "/api"],
    ["GET", "/api/nothing"],
    ["GET", "/admin/host/status"],
  ])("%s %s is not there, as Azure answers a method that no function takes", async (method, path) => {
    expect((await fetch(`${stack.hostUrl}${path}`, { method })).status).toBe(404);
  });

  it("a path that is none, and a malformed escape", async () => {
    // fetch would put these right before they are sent.
    for (const path of ["/api/../../../etc/passwd", "/api/runs/%zz", "/api/runs/%c0%ae%c0%ae", "//example.org/api"]) {
      expect(await rawStatus(path), path).toMatch(/^HTTP\/1.1 4\d\d /);
    }
  });

  it("and the host is healthy all the while", async () => {
    const response = await fetch(`${stack.hostUrl}/api/health`);
    expect(await response.json()).toMatchObject({ status: "healthy", mode: "enforce" });
    expect(stack.hostLog()).not.toMatch(/^\[(error|critical)\]/m);
  });
});

describe("the Event Grid endpoint", () => {
  it("takes and journals every event that it cannot use: an error would have Event Grid drop or repeat it", async () => {
    const known = (await journal(stack)).length;
    const useless = [
      ...[null, 7, "text", [], {}, { alert: "none" }, { SystemAlertId: "1" }, "{not json", ""].map(toEventGridEvent),
      ...[undefined, { type: "Microsoft.Security/Locations/alerts" }, "[]"].map(toCloudEvent),
      { ...toCloudEvent({}), data_base64: "////", data: undefined },
      {},
      { id: 7 },
      { id: "", data: {} },
      { id: "x".repeat(10_000), data: { "\u0000": 1 } },
      { specversion: "9", id: "/\\#?%", data: {} },
    ];

    for (const event of useless) expect((await deliver([event])).status, JSON.stringify(event).slice(0, 200)).toBe(202);
    expect((await deliver(useless)).status).toBe(202);
    expect((await deliver([])).status).toBe(202);

    const lines = await until("a line in the journal for each", 5_000, async () => {
      const found = await journal(stack);
      return found.length >= known + 2 * useless.length ? found : undefined;
    });
    expect(lines).toHaveLength(known + 2 * useless.length);
    const empty = lines.filter(({ outcome }) => outcome === "ignored");
    expect(empty.map(({ reason }) => reason)).toEqual(Array(4).fill("an empty list"));
    expect(lines.filter(({ outcome }) => outcome === "refused")).toHaveLength(lines.length - known - 4);
    expect(lines.filter(({ reason }) => reason.length < 10)).toEqual([]);
  });

  it("says which function does not exist, and refuses what is no event at all", async () => {
    const missing = await deliver([], "noSuchFunction");
    expect({ status: missing.status, text: await missing.text() }).toEqual({
      status: 404,
      text: "cannot find function: 'noSuchFunction'",
    });
    for (const body of ["", "no json", "7", "[7]"]) {
      const response = await deliver(body);
      expect(response.status, body).toBe(400);
      expect((await response.text()).length).toBeGreaterThan(20);
    }
  });
});

async function expectProblem(response: Response, status: number, detail: RegExp): Promise<void> {
  const text = await response.text();
  expect({ status: response.status, type: response.headers.get("content-type") }, text).toEqual({
    status,
    type: "application/problem+json",
  });
  const problem = Problem.parse(JSON.parse(text));
  expect(problem.status).toBe(status);
  expect(problem.detail).toMatch(detail);
  expect(problem.detail.length, "an answer is no echo of whatever was sent").toBeLessThan(1_000);
}

function deliver(events: unknown, functionName = "receiveAlert"): Promise<Response> {
  return fetch(`${stack.hostUrl}/runtime/webhooks/EventGrid?functionName=${functionName}`, {
    method: "POST",
    headers: { "content-type": "application/json", "aeg-event-type": "Notification" },
    body: typeof events === "string" ? events : JSON.stringify(events),
  });
}

function rawStatus(path: string): Promise<string> {
  const { host, port } = new URL(stack.hostUrl);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), "127.0.0.1", () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    );
    let answer = "";
    socket
      .on("data", (chunk) => {
        answer += chunk;
      })
      .on("end", () => resolve(answer.split("\r\n")[0] ?? ""))
      .on("error", reject);
  });
}
