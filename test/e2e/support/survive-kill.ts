import { expect } from "vitest";
import { serviceId } from "../../../local/scenarios/world.ts";
import { enforcementPoint } from "../../../shared/ledger/containment.ts";
import { aKillableSystem, type KillableSystem, type Moment } from "./a-killable-system.ts";
import { publish, raise } from "./defender.ts";
import { blockedAddresses, callApi, fragment, instances } from "./observe.ts";
import { until } from "./until.ts";

const attacker = "203.0.113.66";
const customer = "192.0.2.10";
const point = enforcementPoint("apim-fragment", serviceId).key;
const everySecond = { PORTCULLIS_SWEEP_SCHEDULE: "* * * * * *" };
const never = { PORTCULLIS_SWEEP_SCHEDULE: "0 0 0 1 1 *" };
/** Long enough for the host to start again before the containment ends, also on a busy machine. */
const duration = { PORTCULLIS_MAX_DURATION: "PT8S" };

/** Waits until the host is dead; it has been told of the alert by then, or of nothing yet. */
export type Killer = (system: KillableSystem) => Promise<void>;

export function at(moment: Moment): Killer {
  return (system) => {
    system.killAt(moment);
    return system.killed(15_000);
  };
}

/** The host dies while it answers an alert, and starts again. No timer helps until then. */
export async function survivesWhileAnswering(kill: Killer): Promise<void> {
  const system = await aKillableSystem({ ...duration, ...never });
  try {
    await system.startHost();
    const { payload, runId } = raise(attacker);
    const killed = kill(system);
    await publish(system.topicUrl, [payload]);
    await killed;
    await system.startHost(everySecond);
    await expectBlock(system, runId);
    await expectRelease(system, runId);
  } finally {
    await system.close();
  }
}

/** The host dies while it takes a block away again, which is the first thing that the timer has it do. */
export async function survivesWhileReleasing(kill: Killer): Promise<void> {
  const system = await aKillableSystem({ ...duration, ...never });
  try {
    const { runId } = await answerAndEnd(system);
    const killed = kill(system);
    await system.startHost(everySecond);
    await killed;
    await system.startHost(everySecond);
    await expectRelease(system, runId);
  } finally {
    await system.close();
  }
}

/** The names of all requests of a host that nobody kills, from the delivery to the conclusion and from there to the release. */
export async function rehearse(): Promise<{ answering: string[]; releasing: string[] }> {
  const system = await aKillableSystem({ ...duration, ...never });
  try {
    const { runId } = await answerAndEnd(system);
    const answering = system.passed.map(({ name }) => name);
    await system.startHost(everySecond);
    await expectRelease(system, runId);
    return { answering, releasing: system.passed.slice(answering.length).map(({ name }) => name) };
  } finally {
    await system.close();
  }
}

/** Leaves no host, and a block whose time is over. */
async function answerAndEnd(system: KillableSystem): Promise<{ runId: string }> {
  await system.startHost();
  const { payload, runId } = raise(attacker);
  await publish(system.topicUrl, [payload]);
  await expectBlock(system, runId);
  await system.killHost();
  const [held] = await system.ledger.containments.at(point);
  const end = Date.parse(held?.containment.owners[0]?.expiresAt ?? "");
  await until("the block's time to be over", 15_000, () => Date.now() > end || undefined);
  return { runId };
}

async function expectBlock(system: KillableSystem, runId: string): Promise<void> {
  const run = await until(`run ${runId} to conclude`, 15_000, async () => {
    const found = await system.ledger.runs.get(runId);
    return found?.timeline.concluded ? found : undefined;
  });
  expect(run.outcomes).toEqual([expect.objectContaining({ state: "verified" })]);
  const standing = await system.ledger.containments.at(point);
  expect(standing.map(({ containment }) => containment)).toEqual([
    expect.objectContaining({ state: "verified", owners: [expect.objectContaining({ runId })] }),
  ]);
  expect(blockedAddresses(await fragment(system))).toEqual([attacker]);
  expect(await callApi(system, attacker)).toBe(403);
  expect(await callApi(system, customer)).toBe(200);
}

async function expectRelease(system: KillableSystem, runId: string): Promise<void> {
  const { containments } = system.ledger;
  await until("the containment to end", 20_000, async () => (await containments.at(point)).length === 0 || undefined);
  expect(await containments.released(point)).toEqual([
    expect.objectContaining({ state: "released", owners: [expect.objectContaining({ runId })] }),
  ]);
  expect(await callApi(system, attacker)).toBe(200);

  const texts = system.passed.filter(({ name }) => name === "PUT policyFragments").map(({ body }) => body);
  expect(texts.map(addressesIn), "the block, then its end, and nothing twice").toEqual([[attacker], []]);
  const over = await until("every run to be over", 10_000, async () => {
    const found = await instances(system);
    return found.some(({ runtimeStatus }) => ["Pending", "Running"].includes(runtimeStatus)) ? undefined : found;
  });
  expect(over, "one run").toEqual([{ instanceId: runId, runtimeStatus: "Completed" }]);
  expect(system.hostLog()).not.toMatch(/^\[critical\]|is not deterministic/m);
}

function addressesIn(body: string): string[] {
  const { properties }: { properties: { value: string } } = JSON.parse(body);
  return blockedAddresses(properties.value);
}
