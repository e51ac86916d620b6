import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { freePorts } from "../local/ports.ts";
import { alertFile } from "../local/scenarios/api-attack.ts";
import { serviceId, topicKey } from "../local/scenarios/world.ts";
import { type Stack, startStack } from "../local/stack.ts";
import { readAlert } from "../shared/alerts/read-alert.ts";
import { reasonOf } from "../shared/alerts/reading.ts";
import { createApiManagement } from "../shared/azure/api-management.ts";
import { connectAsOperator } from "../shared/azure/connection.ts";
import { systemClock } from "../shared/clock.ts";
import { Run } from "../shared/ledger/run.ts";
import { bootstrapService } from "../shared/reconcile/bootstrap-service.ts";
import { startCountingProxy } from "./counting-proxy.ts";
import { measureNormalising } from "./normalising.ts";

// From an alert's delivery to "verified" on this machine, with no latency in the simulated Azure: what Portcullis itself adds.
const warmUp = 20;
const measured = 200;
const counted = 20;

const folder = mkdtempSync(join(tmpdir(), "portcullis-bench-"));
try {
  measureNormalising();
  await measureLatency();
  await countCalls();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measureLatency(): Promise<void> {
  const stack = await startStack({ ports: await freePorts(), folder: join(folder, "latency") });
  try {
    await bootstrap(stack);
    for (let index = 0; index < warmUp; index++) await respond(stack, index);
    const times: number[] = [];
    for (let index = 0; index < measured; index++) {
      const { timeline } = await respond(stack, warmUp + index);
      times.push(Date.parse(timeline.verified ?? "") - Date.parse(timeline.delivered));
    }
    times.sort((a, b) => a - b);
    const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
    console.log(
      `delivery to verified, ${measured} alerts one after another: median ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${times.at(-1)} ms`,
    );
  } finally {
    await stack.close();
  }
}

async function countCalls(): Promise<void> {
  const ports = await freePorts();
  const tables = await startCountingProxy(`http://127.0.0.1:${ports.tables}`);
  const stack = await startStack({
    ports,
    folder: join(folder, "count"),
    // No timer in between: only what the alerts cause is counted.
    settings: { PORTCULLIS_TABLE_ENDPOINT: `${tables.url}/devstoreaccount1`, PORTCULLIS_SWEEP_SCHEDULE: "0 0 0 1 1 *" },
  });
  const runs: Run[] = [];
  const answerAndCount = async (title: string, count: number) => {
    await takeArmCalls(stack);
    tables.take();
    const answered = [];
    for (let index = 0; index < count; index++) answered.push(await respond(stack, runs.length + index, tables.take));
    runs.push(...answered);
    // Looking how far a run is costs a table read too; respond() reports how many operations were the bench's own.
    const own = answered.reduce((sum, { looks }) => sum + looks, 0);
    const arm = await takeArmCalls(stack);
    const operations = answered.reduce((sum, { tableOperations }) => sum + tableOperations, 0) - own;
    console.log(
      `${title}: ${(arm / count).toFixed(1)} ARM calls, ${(operations / count).toFixed(1)} table operations per alert`,
    );
  };
  try {
    await bootstrap(stack);
    await answerAndCount("first alert of a new process", 1);
    await answerAndCount(`next ${counted} alerts in a row`, counted);
    await sleep(6000);
    await answerAndCount("one alert 6 s later", 1);
  } finally {
    await stack.close();
    await tables.close();
  }
  const database = new DatabaseSync(join(folder, "count", "host.sqlite"), { readOnly: true });
  const events = runs.map(({ id }) =>
    Number(database.prepare("SELECT count(*) AS count FROM history WHERE instance_id = ?").get(id)?.count),
  );
  database.close();
  console.log(`history events per alert: ${Math.min(...events)} to ${Math.max(...events)}`);
}

async function bootstrap({ settings, azureUrl }: Stack): Promise<void> {
  Object.assign(process.env, {
    IDENTITY_ENDPOINT: settings.IDENTITY_ENDPOINT,
    IDENTITY_HEADER: settings.IDENTITY_HEADER,
  });
  const apiManagement = createApiManagement(() => connectAsOperator({ PORTCULLIS_SIMULATED_AZURE: azureUrl }));
  await bootstrapService(serviceId, { apiManagement, clock: systemClock, dryRun: false });
}

async function respond(
  { topicUrl, hostUrl }: Stack,
  index: number,
  takeOperations = () => 0,
): Promise<Run & { looks: number; tableOperations: number }> {
  const payload = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(alertFile, "utf8")));
  payload.SystemAlertId = `bench-${crypto.randomUUID()}`;
  payload.Entities = [];
  Object.assign(payload.ExtendedProperties ?? {}, {
    "Actor (Client IP)": `203.0.${100 + Math.floor(index / 250)}.${1 + (index % 250)}`,
  });
  const reading = readAlert(payload);
  if (!("alert" in reading)) throw new Error(reasonOf(reading));
  const event = {
    id: crypto.randomUUID(),
    eventType: "bench",
    subject: "bench",
    eventTime: new Date().toISOString(),
    dataVersion: "1",
    data: payload,
  };
  await fetch(topicUrl, {
    method: "POST",
    headers: { "content-type": "application/json", "aeg-sas-key": topicKey },
    body: JSON.stringify([event]),
  });

  for (let looks = 1; looks < 2000; looks++) {
    await sleep(20);
    const parsed = Run.safeParse(await (await fetch(`${hostUrl}/api/runs/respond-${reading.alert.key}`)).json());
    if (!parsed.success || !parsed.data.timeline.concluded) continue;
    if (parsed.data.outcomes.some(({ state }) => state !== "verified"))
      throw new Error("a containment was not verified");
    // The run is concluded before the register is: let the last write of the alert be counted as well.
    await sleep(50);
    return { ...parsed.data, looks, tableOperations: takeOperations() };
  }
  throw new Error("an alert was not answered within 40 s");
}

async function takeArmCalls({ azureUrl }: Stack): Promise<number> {
  const calls = z
    .array(z.object({ host: z.string() }))
    .parse(await (await fetch(`${azureUrl}/_simulator/calls`)).json());
  await fetch(`${azureUrl}/_simulator/calls`, { method: "DELETE" });
  return calls.filter(({ host }) => host === "management.azure.com").length;
}
