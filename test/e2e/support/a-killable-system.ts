import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import * as z from "zod";
import { startSimulatedAzure } from "../../../local/azure/simulated-azure.ts";
import { type Child, startChild } from "../../../local/child.ts";
import { freePorts } from "../../../local/ports.ts";
import { eventGrid, serviceId, services } from "../../../local/scenarios/world.ts";
import { openTable } from "../../../shared/azure/tables.ts";
import { type Clock, systemClock } from "../../../shared/clock.ts";
import { readSettings } from "../../../shared/config.ts";
import { createContainments } from "../../../shared/ledger/containments.ts";
import { createRuns } from "../../../shared/ledger/runs.ts";
import { bootstrapService } from "../../../shared/reconcile/bootstrap-service.ts";
import { aProxy, azureRequest, type Passage, tableRequest } from "./a-proxy.ts";
import type { Watched } from "./observe.ts";
import { apiManagementAt } from "./simulated-identity.ts";
import { until } from "./until.ts";
import "../../support/azurite.ts";

/** One moment in a host's life: just before or just after one of its requests. */
export interface Moment {
  when: "before" | "after";
  /** Whether it is this request, of all since `killAt` was called. */
  is(passage: Passage, earlier: readonly Passage[]): boolean;
}

/** A host of its own process behind proxies that can kill it between any two of its requests. */
export interface KillableSystem extends Watched {
  topicUrl: string;
  /** Every request that was let through to the services, in order. */
  passed: Passage[];
  /** Past the proxies and the host, so that looking is no request of the host's. */
  ledger: Awaited<ReturnType<typeof ledgerOf>>;
  startHost(settings?: Readonly<Record<string, string>>): Promise<void>;
  killHost(): Promise<void>;
  /** How many events the topic has got rid of. */
  delivered(): number;
  /** From now on waits for that moment. */
  killAt(moment: Moment): void;
  /** Resolves when the host is dead. */
  killed(withinMs: number): Promise<void>;
  hostLog(): string;
  close(): Promise<void>;
}

const root = join(import.meta.dirname, "../../..");
const Example = z.object({ Values: z.record(z.string(), z.string()) });
const settingsOf = (file: string) => Example.parse(JSON.parse(readFileSync(join(root, file), "utf8"))).Values;

/** Event Grid tries again after 10 s; a test that kills the host in the middle of a delivery need not sit through that. */
const impatient: Clock = { now: systemClock.now, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 300), signal) };

async function ledgerOf(settings: Readonly<Record<string, string>>) {
  const open = (name: string) => openTable(name, readSettings(settings), () => Promise.reject(new Error("unused")));
  const [live, history, runs] = await Promise.all([open("Containments"), open("Released"), open("Runs")]);
  return { containments: createContainments(live, history), runs: createRuns(runs) };
}

export async function aKillableSystem(changes: Readonly<Record<string, string>>): Promise<KillableSystem> {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-kill-"));
  const { host: port } = await freePorts();
  const hostUrl = `http://127.0.0.1:${port}`;
  const azure = await startSimulatedAzure({
    port: 0,
    gatewayPort: 0,
    clock: impatient,
    services: services(),
    eventGrid: eventGrid({ hostUrl }),
  });
  const apiManagement = apiManagementAt(azure.url);
  await bootstrapService(serviceId, { apiManagement, clock: systemClock, dryRun: false });

  // A promise, because a host makes requests before it says that it is ready.
  let host: Promise<Child> | undefined;
  let armed: { moment: Moment; earlier: Passage[] } | undefined;
  let dead: Promise<void> | undefined;
  const passed: Passage[] = [];
  const killHost = async () => (await host)?.stop("SIGKILL");

  async function pass(passage: Passage, forward: () => Promise<void>): Promise<"answer" | "cut"> {
    const mine = armed;
    const hit = mine?.moment.is(passage, mine.earlier) ?? false;
    mine?.earlier.push(passage);
    if (hit) armed = undefined;
    if (hit && mine?.moment.when === "before") {
      dead = killHost();
      await dead;
      return "cut";
    }
    passed.push(passage);
    await forward();
    if (!hit) return "answer";
    dead = killHost();
    await dead;
    return "cut";
  }

  const prefix = `T${randomBytes(8).toString("hex")}`;
  const tables = new URL(inject("tableEndpoint"));
  const [tableProxy, azureProxy] = await Promise.all([
    aProxy(tables.origin, tableRequest(prefix), pass),
    aProxy(azure.url, azureRequest, pass),
  ]);
  const settings = {
    ...settingsOf("local.settings.example.json"),
    IDENTITY_ENDPOINT: `${azureProxy.url}/msi/token`,
    PORTCULLIS_SIMULATED_AZURE: azureProxy.url,
    PORTCULLIS_TABLE_ENDPOINT: `${tableProxy.url}${tables.pathname}`,
    PORTCULLIS_TABLE_PREFIX: prefix,
    PORTCULLIS_PLAYBOOKS: join(root, "playbooks"),
    ...changes,
  };
  const atTables = { ...settings, PORTCULLIS_TABLE_ENDPOINT: inject("tableEndpoint") };
  const logFile = join(folder, "host.log");
  return {
    hostUrl,
    azureUrl: azure.url,
    gatewayUrl: azure.gatewayUrl,
    topicUrl: `${azure.url}/alerts.westeurope-1.eventgrid.azure.net/api/events`,
    settings: atTables,
    passed,
    ledger: await ledgerOf(atTables),
    async startHost(more = {}) {
      const app = ["--app", join(root, "dist/main.mjs"), "--port", `${port}`, "--state", join(folder, "host.sqlite")];
      const script = join(root, "local/host/main.ts");
      const env = { ...settings, ...more };
      host = startChild("the local host", [script, ...app, "--replay-check"], { env, logFile });
      await host;
    },
    killHost,
    delivered: () => azure.eventGrid?.stats.delivered ?? 0,
    killAt(moment) {
      armed = { moment, earlier: [] };
    },
    killed: async (withinMs) => {
      await until("the moment at which the host is to be killed", withinMs, () => dead && { dead });
      await dead;
    },
    hostLog: () => readFileSync(logFile, "utf8"),
    async close() {
      await killHost();
      await Promise.all([tableProxy.close(), azureProxy.close(), azure.close()]);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
