import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import * as z from "zod";
import { type Host, type HostOptions, startHost } from "../../../local/host/host.ts";

type LogEntry = Parameters<NonNullable<HostOptions["log"]>>[0];

export interface TestHost extends Host {
  log: LogEntry[];
  start(orchestrator: string, id: string, input?: unknown): Promise<Response>;
  status(id: string, query?: string): Promise<InstanceDocument>;
  /** Starts an instance, lets everything run that can, and reads its status. */
  run(orchestrator: string, id: string, input?: unknown): Promise<InstanceDocument>;
  raise(id: string, event: string, data?: unknown): Promise<Response>;
  post(path: string, body?: unknown): Promise<Response>;
}

const Document = z.looseObject({
  name: z.string(),
  instanceId: z.string(),
  runtimeStatus: z.string(),
  input: z.unknown().optional(),
  output: z.unknown().optional(),
  customStatus: z.unknown().optional(),
  createdTime: z.string(),
  lastUpdatedTime: z.string(),
  historyEvents: z.array(z.looseObject({ EventType: z.string(), EventId: z.number() })).nullable(),
});
type InstanceDocument = z.infer<typeof Document>;

/** A new folder that goes away with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-host-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

export async function startTestHost(
  loadApp: () => Promise<unknown>,
  options: Partial<HostOptions> = {},
): Promise<TestHost> {
  const log: LogEntry[] = [];
  const stateFile = options.stateFile ?? join(temporaryFolder(), "state.db");
  const host = await startHost({ port: 0, loadApp, log: (entry) => log.push(entry), ...options, stateFile });
  onTestFinished(() => host.close());
  const durable = `${host.url}/durabletask`;
  const post = (path: string, body?: unknown) =>
    fetch(`${host.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const status = async (id: string, query = "") => {
    const response = await fetch(`${durable}/instances/${encodeURIComponent(id)}?${query}`);
    return Document.parse(await response.json());
  };
  const start = (name: string, id: string, input?: unknown) => post(`/durabletask/orchestrators/${name}/${id}`, input);
  return {
    ...host,
    log,
    post,
    status,
    start,
    raise: (id, event, data) => post(`/durabletask/instances/${id}/raiseEvent/${event}`, data ?? null),
    async run(name, id, input) {
      const response = await start(name, id, input);
      if (response.status !== 202)
        throw new Error(`${name} did not start: ${response.status} ${await response.text()}`);
      await host.idle();
      return status(id);
    },
  };
}
