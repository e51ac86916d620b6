import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { portOf } from "../../../local/host/http-server.ts";
import { temporaryFolder } from "./support.ts";

const root = join(import.meta.dirname, "../../..");
const app = join(import.meta.dirname, "apps/crash.ts");
const Ready = z.object({ ready: z.literal(true), url: z.string() });

interface HostProcess {
  child: ChildProcess;
  url: string;
  stdout: string[];
}

function spawnHost(
  folder: string,
  port = 0,
  extra: string[] = [],
): { child: ChildProcess; lines: string[]; errors: string[] } {
  const args = [
    "local/host/main.ts",
    "--app",
    app,
    "--port",
    String(port),
    "--state",
    join(folder, "state.db"),
    ...extra,
  ];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, TEST_TRACE: join(folder, "trace") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: string[] = [];
  const errors: string[] = [];
  if (!child.stdout || !child.stderr) throw new Error("the child has no output");
  createInterface(child.stdout).on("line", (line) => lines.push(line));
  createInterface(child.stderr).on("line", (line) => errors.push(line));
  return { child, lines, errors };
}

async function startProcess(folder: string, extra: string[] = []): Promise<HostProcess> {
  const { child, lines, errors } = spawnHost(folder, 0, extra);
  await expect
    .poll(() => lines[0] ?? (child.exitCode === null ? undefined : errors.join("\n")), { timeout: 10_000 })
    .toBeDefined();
  return { child, url: Ready.parse(JSON.parse(lines[0] ?? "")).url, stdout: lines };
}

async function kill({ child }: HostProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
  return child.exitCode;
}

const Status = z.looseObject({ runtimeStatus: z.string(), output: z.unknown().optional() });

async function statusOf(host: HostProcess, id: string) {
  return Status.parse(await (await fetch(`${host.url}/durabletask/instances/${id}`)).json());
}

const trace = (folder: string): string[] =>
  existsSync(join(folder, "trace")) ? readFileSync(join(folder, "trace"), "utf8").split("\n").filter(Boolean) : [];

describe("the host as a process", () => {
  test("says in one line that it is ready, and ends cleanly when told to", async () => {
    const host = await startProcess(temporaryFolder(), ["--replay-check"]);

    expect(host.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${host.url}/api/x`)).status).toBe(404);
    expect(await kill(host, "SIGTERM")).toBe(0);
    expect(host.stdout).toHaveLength(1);
  });

  test("ends with 2 and a sentence when its port is taken, with 1 when it is called wrongly", async () => {
    const blocker = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void blocker.close());
    await once(blocker, "listening");
    const port = portOf(blocker);

    const taken = spawnHost(temporaryFolder(), port);
    await once(taken.child, "close");
    const wrong = spawnHost(temporaryFolder(), Number.NaN);
    await once(wrong.child, "close");

    expect(taken.child.exitCode).toBe(2);
    expect(taken.errors.join("\n")).toContain(`Port ${port} on 127.0.0.1 is taken`);
    expect(wrong.child.exitCode).toBe(1);
    expect(wrong.errors.join("\n")).toContain("Usage: node local/host/main.ts");
  });

  // Moments after the first trace line: inside the first activity, between two, inside the pair, in the timer, after it, in the child.
  test("killed at any moment, it finishes everything after a restart and runs nothing again that was recorded", async () => {
    const folder = temporaryFolder();
    const ids = ["k1", "k2", "k3"];
    let host = await startProcess(folder);
    for (const id of ids) {
      const started = await fetch(`${host.url}/durabletask/orchestrators/steps/${id}`, { method: "POST" });
      expect(started.status).toBe(202);
    }
    const recordedBefore = new Map<string, number>();

    for (const moment of [0, 30, 75, 100, 150, 40]) {
      await new Promise((resolve) => setTimeout(resolve, moment));
      for (const id of ids) {
        const response = await fetch(`${host.url}/durabletask/instances/${id}?showHistory=true&showHistoryOutput=true`);
        const { historyEvents } = History.parse(await response.json());
        const results = historyEvents
          .filter((event) => event.EventType === "TaskCompleted")
          .map((event) => JSON.parse(event.Result ?? "null"));
        for (const name of results) {
          if (!recordedBefore.has(name))
            recordedBefore.set(name, trace(folder).filter((line) => line === `${name} begins`).length);
        }
      }
      await kill(host, "SIGKILL");
      host = await startProcess(folder);
    }
    for (const id of ids) {
      await expect.poll(async () => (await statusOf(host, id)).runtimeStatus, { timeout: 5_000 }).toBe("Completed");
      expect((await statusOf(host, id)).output).toEqual({
        first: `${id}/1`,
        both: [`${id}/2a`, `${id}/2b`],
        total: 1,
        child: `${id}/3`,
      });
    }

    const lines = trace(folder);
    expect(recordedBefore.size).toBeGreaterThan(0);
    for (const [name, times] of recordedBefore) {
      expect(lines.filter((line) => line === `${name} begins`)).toHaveLength(times);
    }
  }, 30_000);
});

const History = z.looseObject({
  historyEvents: z.array(z.looseObject({ EventType: z.string(), Result: z.string().optional() })),
});
