import { beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { createManualClock } from "../../support/manual-clock.ts";
import { calls, closeGate, gate } from "./apps/record.ts";
import { startTestHost } from "./support.ts";

const Links = z.record(z.string(), z.string());
const Instances = z.array(z.looseObject({ instanceId: z.string() }));
const durableApp = () => import("./apps/durable.ts");
const triggersApp = () => import("./apps/triggers.ts");

beforeEach(() => {
  calls.length = 0;
  gate.wait = Promise.resolve();
});

describe("starting an instance", () => {
  test("answers 202 with where to look, under the public path as under the worker's", async () => {
    const host = await startTestHost(durableApp);

    const response = await host.post("/runtime/webhooks/durabletask/orchestrators/waitsForever/w1?code=x&taskHub=h", {
      a: 1,
    });
    const links = Links.parse(await response.json());

    expect(response.status).toBe(202);
    expect(response.headers.get("retry-after")).toBe("10");
    expect(response.headers.get("location")).toBe(links.statusQueryGetUri);
    expect(links).toMatchObject({ id: "w1", sendEventPostUri: expect.stringContaining("/w1/raiseEvent/{eventName}?") });
    const status = await fetch(links.statusQueryGetUri ?? "");
    expect([status.status, status.headers.get("retry-after")]).toEqual([202, "5"]);
    expect(await status.json()).toMatchObject({ instanceId: "w1", input: { a: 1 }, historyEvents: null });
  });

  test("makes up an id, and refuses unknown functions, broken JSON and ids of entities", async () => {
    const host = await startTestHost(durableApp);
    const start = "/durabletask/orchestrators";

    expect(await (await host.post(`${start}/waitsForever`)).json()).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect((await host.post(`${start}/absent`)).status).toBe(400);
    expect((await host.post(`${start}/waitsForever/@a@b`)).status).toBe(400);
    expect((await fetch(`${host.url}${start}/waitsForever/x`, { method: "POST", body: "{" })).status).toBe(400);
    expect((await fetch(`${host.url}${start}/waitsForever/x`)).status).toBe(404);
  });

  test("of an id that runs is a conflict; of one that has finished begins anew", async () => {
    const host = await startTestHost(durableApp);

    await host.start("approval", "same");
    expect((await host.start("approval", "same")).status).toBe(409);
    await host.idle();
    expect((await host.start("approval", "same")).status).toBe(409);
    await host.raise("same", "approve", 1);
    await host.idle();
    expect((await host.status("same")).output).toEqual([1, "after"]);

    expect((await host.start("approval", "same")).status).toBe(202);
    await host.idle();
    expect(await host.status("same")).toMatchObject({ runtimeStatus: "Running", output: null });
  });

  test("an answer meant for the run before does not reach the next one of the same id", async () => {
    const host = await startTestHost(durableApp);
    closeGate();
    await host.start("gatedThree", "again");
    await expect.poll(() => calls.length).toBe(3);
    await host.post("/durabletask/instances/again/terminate");
    await expect.poll(async () => (await host.status("again")).runtimeStatus).toBe("Terminated");

    await host.start("waitsForever", "again");
    gate.open();
    await host.idle();

    const { historyEvents, runtimeStatus } = await host.status("again", "showHistory=true");
    expect(runtimeStatus).toBe("Running");
    expect(historyEvents?.map((event) => event.EventType)).toEqual(["ExecutionStarted"]);
  });
});

describe("looking after an instance", () => {
  test("events, terminate, suspend and resume answer 202, 404 when unknown, 410 when finished", async () => {
    const host = await startTestHost(durableApp);
    await host.run("inputs", "done");
    await host.run("waitsForever", "going");

    for (const verb of ["raiseEvent/x", "suspend", "resume", "terminate"]) {
      expect((await host.post(`/durabletask/instances/going/${verb}`, {})).status).toBe(202);
      expect((await host.post(`/durabletask/instances/absent/${verb}`, {})).status).toBe(404);
      expect((await host.post(`/durabletask/instances/done/${verb}`, {})).status).toBe(410);
      expect((await fetch(`${host.url}/durabletask/instances/going/${verb}`)).status).toBe(404);
    }
  });

  test("an event must be JSON", async () => {
    const host = await startTestHost(durableApp);
    await host.run("waitsForever", "w");
    const raise = (type: string, body: string) =>
      fetch(`${host.url}/durabletask/instances/w/raiseEvent/never`, {
        method: "POST",
        headers: { "content-type": type },
        body,
      });

    expect((await raise("text/plain", "1")).status).toBe(400);
    expect((await raise("application/json", "{")).status).toBe(400);
    expect((await raise("application/json; charset=utf-8", '{"ok":true}')).status).toBe(202);
    await host.idle();
    expect((await host.status("w")).output).toEqual({ ok: true });
  });

  test("terminate ends it with its reason and leaves what it started alone", async () => {
    const host = await startTestHost(durableApp);
    closeGate();
    await host.start("gatedThree", "t1");
    await expect.poll(() => calls.length).toBe(3);
    await host.post("/durabletask/instances/t1/terminate?reason=enough");
    await expect.poll(async () => (await host.status("t1")).runtimeStatus).toBe("Terminated");
    gate.open();
    await host.idle();

    expect(await host.status("t1")).toMatchObject({ runtimeStatus: "Terminated", output: "enough" });
  });

  test("a suspended one keeps what comes until it is resumed", async () => {
    const host = await startTestHost(durableApp);
    await host.run("waitsForever", "s1");
    await host.post("/durabletask/instances/s1/suspend?reason=look");
    await host.raise("s1", "never", "came");
    await host.idle();
    expect((await host.status("s1")).runtimeStatus).toBe("Suspended");

    await host.post("/durabletask/instances/s1/resume?reason=ok");
    await host.idle();

    const { output, historyEvents } = await host.status("s1", "showHistory=true");
    expect(output).toBe("came");
    const kinds = historyEvents?.map((event) => event.EventType);
    expect(kinds).toEqual([
      "ExecutionStarted",
      "ExecutionSuspended",
      "ExecutionResumed",
      "EventRaised",
      "ExecutionCompleted",
    ]);
  });

  test("rewind and restart are refused by name", async () => {
    const host = await startTestHost(durableApp);
    await host.run("uncaught", "failed");
    await host.run("inputs", "done");
    const rewind = await host.post("/durabletask/instances/failed/rewind?reason=x");

    expect([rewind.status, await rewind.text()]).toEqual([501, expect.stringContaining("rewind")]);
    expect((await host.post("/durabletask/instances/done/rewind")).status).toBe(410);
    const restart = await host.post("/durabletask/instances/done/restart");
    expect([restart.status, await restart.text()]).toEqual([501, expect.stringContaining("restart")]);
  });

  test("its history is readable, with outputs only where asked for; a failure may answer 500", async () => {
    const host = await startTestHost(durableApp);
    await host.run("chain", "h1");
    const plain = await host.status("h1", "showHistory=true&showInput=false");
    const full = await host.status("h1", "showHistory=true&showHistoryOutput=true");

    expect(plain.input).toBeNull();
    expect(plain.historyEvents?.map((event) => event.EventType)).toEqual(
      ["ExecutionStarted", "TaskScheduled", "TaskCompleted", "TaskScheduled", "TaskCompleted"].concat([
        "EventSent",
        "EventRaised",
        "TaskScheduled",
        "TaskCompleted",
        "ExecutionCompleted",
      ]),
    );
    expect(plain.historyEvents?.some((event) => "Result" in event)).toBe(false);
    expect(full.historyEvents?.find((event) => event.EventType === "TaskCompleted")).toMatchObject({
      Result: '"h1 1"',
    });
    expect(plain.historyEvents?.flatMap(({ EventId }) => (EventId < 0 ? [] : [EventId]))).toEqual([0, 1, 2, 3]);
    await host.run("uncaught", "bad");
    const asked = await fetch(`${host.url}/durabletask/instances/bad?returnInternalServerErrorOnFailure=true`);
    expect(asked.status).toBe(500);
    expect((await fetch(`${host.url}/durabletask/instances/bad`)).status).toBe(200);
    expect((await fetch(`${host.url}/durabletask/instances/absent`)).status).toBe(404);
  });
});

describe("asking for many instances", () => {
  test("filters by status, time and prefix, and pages", async () => {
    const clock = createManualClock("2026-01-01T00:00:00Z");
    const host = await startTestHost(durableApp, { clock });
    for (const id of ["a1", "a2", "b1"]) {
      await host.run(id === "a2" ? "waitsForever" : "inputs", id);
      await clock.advance(60_000);
    }
    const ask = async (query: string, token?: string) => {
      const response = await fetch(`${host.url}/durabletask/instances/?${query}`, {
        headers: token ? { "x-ms-continuation-token": token } : {},
      });
      const documents = Instances.parse(await response.json());
      return {
        ids: documents.map(({ instanceId }) => instanceId),
        token: response.headers.get("x-ms-continuation-token"),
      };
    };

    expect((await ask("")).ids).toEqual(["a1", "a2", "b1"]);
    expect((await ask("runtimeStatus=Running,Pending")).ids).toEqual(["a2"]);
    expect((await ask("instanceIdPrefix=a")).ids).toEqual(["a1", "a2"]);
    expect((await ask("createdTimeFrom=2026-01-01T00:00:30Z&createdTimeTo=2026-01-01T00:01:30Z")).ids).toEqual(["a2"]);
    const first = await ask("top=2");
    expect(first.ids).toEqual(["a1", "a2"]);
    expect(await ask("top=2", first.token ?? "")).toEqual({ ids: ["b1"], token: null });
  });

  test("purges the finished ones, one or many, and never one that runs", async () => {
    const host = await startTestHost(durableApp);
    for (const id of ["p1", "p2", "p3"]) await host.run("inputs", id);
    await host.run("waitsForever", "going");
    const purge = (path: string) => fetch(`${host.url}/durabletask/instances/${path}`, { method: "DELETE" });

    expect(await (await purge("p1")).json()).toEqual({ instancesDeleted: 1 });
    expect((await purge("p1")).status).toBe(404);
    expect((await purge("going")).status).toBe(412);
    expect((await purge("")).status).toBe(400);
    expect(await (await purge("?createdTimeFrom=2020-01-01T00:00:00Z")).json()).toEqual({ instancesDeleted: 2 });
    expect((await purge("?createdTimeFrom=2020-01-01T00:00:00Z")).status).toBe(404);
    expect((await host.status("going")).runtimeStatus).toBe("Running");
  });
});

describe("the durable client of the package", () => {
  test("starts an instance and answers with links that lead to it", async () => {
    const host = await startTestHost(triggersApp);
    const response = await host.post("/api/starts", { hello: "world" });
    const links = Links.parse(await response.json());
    await host.idle();

    expect(response.status).toBe(202);
    const status = await fetch(links.statusQueryGetUri ?? "");
    expect(await status.json()).toMatchObject({ runtimeStatus: "Completed", output: { hello: "world" } });
  });

  test("waits, reads, lists and purges", async () => {
    const host = await startTestHost(triggersApp);

    const response = await host.post("/api/manages");

    expect(await response.json()).toMatchObject({
      done: { x: 1 },
      status: { instanceId: "managed", runtimeStatus: "Completed", input: { x: 1 } },
      all: 1,
      instancesDeleted: 1,
    });
  });
});
