import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { readAlert } from "../../shared/alerts/read-alert.ts";
import { reasonOf } from "../../shared/alerts/reading.ts";
import { createApiManagement } from "../../shared/azure/api-management.ts";
import { connectAsOperator } from "../../shared/azure/connection.ts";
import { systemClock } from "../../shared/clock.ts";
import { Containment } from "../../shared/ledger/containment.ts";
import { Run } from "../../shared/ledger/run.ts";
import { addressOf } from "../../shared/ledger/target.ts";
import { bootstrapService } from "../../shared/reconcile/bootstrap-service.ts";
import type { Stack } from "../stack.ts";
import type { Story } from "./story.ts";
import { tellLookUps } from "./tell-look-ups.ts";
import { leakedKey } from "./tenant.ts";
import { serviceId, topicKey } from "./world.ts";

export const alertFile = join(import.meta.dirname, "alerts/api-parameter-enumeration.json");

const attacker = "203.0.113.66";
const customer = "192.0.2.10";

/** Nobody watches a play for hours. */
const longestWaitMs = 60_000;

export class PlayFailed extends Error {
  override readonly name = "PlayFailed";
}

/**
 * One attack on an API, from the first call to the end of the block, through the whole system. Everything that is told was read back
 * from it; what differs from what should have happened ends the play with PlayFailed.
 */
export async function playApiAttack(stack: Stack, story: Story): Promise<void> {
  story.chapter("Once: install the enforcement point (npm run bootstrap)");
  const apiManagement = createApiManagement(() => connectAsOperator({ PORTCULLIS_SIMULATED_AZURE: stack.azureUrl }));
  const { diff } = await bootstrapService(serviceId, { apiManagement, clock: systemClock, dryRun: false });
  story.say("One line goes into the customer's global policy; every other byte stays:");
  story.quote(withoutHeader(diff));

  story.chapter("The attack");
  const before: number[] = [];
  for (let order = 1001; order <= 1005; order++) before.push(await call(stack, attacker, order));
  story.say(`${attacker} walks through order numbers on the simulated gateway: ${before.join(" ")}`);
  expect(
    before.every((status) => status === 200),
    "the attacker's first calls should have answered 200",
  );

  story.chapter("The alert");
  const { alert, payload } = await freshAlert();
  const runId = `respond-${alert.key}`;
  await publish(stack, payload);
  story.say(`Defender for APIs (simulated): ${alert.type}, ${alert.severity}, published to the Event Grid topic`);

  const decided = await until("the decision", 30_000, () => getRun(stack, runId));
  tellDecision(decided, story);
  tellPlan(decided, story);
  const run = await until("the run to conclude", 30_000, async () => {
    const found = await getRun(stack, runId);
    return found?.timeline.concluded ? found : undefined;
  });
  tellOutcome(run, story);

  story.chapter("The attacker comes back");
  const blocked = await call(stack, attacker, 1006);
  const others = await call(stack, customer, 1006);
  story.say(`${attacker} → ${blocked}      a customer, ${customer} → ${others}`);
  expect(blocked === 403, `the attacker should be forbidden, but was answered ${blocked}`);
  expect(others === 200, `the customer should be served, but was answered ${others}`);
  tellTimes(run, story);

  story.chapter("Nobody has to remember to lift the block");
  const [containment] = run.decision.steps.flatMap((step) => (step.containment ? [step.containment] : []));
  expect(containment !== undefined, "the decision should name a containment");
  story.say(
    `It ends by itself at ${containment?.expiresAt.slice(11, 19)} UTC (the playbook says 4 hours; PORTCULLIS_MAX_DURATION caps it for this play)`,
  );
  if (Date.parse(containment?.expiresAt ?? "") - Date.now() > longestWaitMs) {
    story.say(`This play does not wait that long; DELETE /api/containments/${containment?.id} releases it early.`);
    return;
  }
  const released = await until("the containment to be released", 2 * longestWaitMs, async () => {
    const list = await getReleased(stack);
    return list.find(({ id }) => id === containment?.id);
  });
  const after = await call(stack, attacker, 1007);
  story.say(`released at ${released.releasedAt?.slice(11, 19)} UTC; ${attacker} → ${after}`);
  expect(after === 200, `after the release the address should be served again, but was answered ${after}`);
}

/** The alert of the file as if it had been raised just now: an alert of the same id would be a duplicate of the last play's. */
async function freshAlert() {
  const payload = z.record(z.string(), z.unknown()).parse(JSON.parse(await readFile(alertFile, "utf8")));
  const now = new Date();
  Object.assign(payload, {
    SystemAlertId: `2516049539998765432_${crypto.randomUUID()}`,
    StartTimeUtc: new Date(now.getTime() - 2000).toISOString(),
    TimeGenerated: now.toISOString(),
  });
  const reading = readAlert(payload);
  if (!("alert" in reading)) throw new PlayFailed(`${alertFile}: ${reasonOf(reading)}`);
  return { alert: reading.alert, payload };
}

function tellDecision(run: Run, story: Story): void {
  const { decision } = run;
  story.chapter("The decision");
  tellLookUps(run, story);
  for (const step of decision.steps) {
    const { responder, verdict, containment, because, against } = step;
    const target = containment && addressOf(containment.target);
    story.say(`${verdict} ${responder} on ${target ?? "every caller"}, until ${containment?.expiresAt}`);
    for (const reason of because) story.say(`  for: ${reason}`);
    for (const reason of against) story.say(`  against: ${reason}`);
  }
  story.say(`${decision.passedOver.length} other playbooks do not match; GET /api/runs/{id} says why`);
  expect(
    decision.steps.some(({ verdict }) => verdict === "enforce"),
    "a step should have been enforced",
  );
}

function tellPlan({ plans, planHash }: Run, story: Story): void {
  story.chapter("The plan, before anything was written");
  for (const { requests, diff, doubts } of plans) {
    for (const { method, url, headers } of requests) {
      const condition = headers["If-Match"] ? `If-Match: ${headers["If-Match"]}` : "If-None-Match: *";
      story.say(
        `${method} ${url.replace("https://management.azure.com/", "…/").replace(/subscriptions\/.*\/(?=service\/)/, "")}   ${condition}`,
      );
    }
    story.quote(withoutHeader(diff));
    for (const doubt of doubts) story.say(`doubt: ${doubt}`);
  }
  story.say(`plan hash ${planHash.slice(0, 16)}…`);
}

function tellOutcome({ outcomes }: Run, story: Story): void {
  story.chapter("Written, and read back");
  for (const { containment, state, reason } of outcomes)
    story.say(`${containment}: ${state}${reason ? ` (${reason})` : ""}`);
  expect(
    outcomes.length > 0 && outcomes.every(({ state }) => state === "verified"),
    "every containment should be verified",
  );
}

function tellTimes({ timeline }: Run, story: Story): void {
  story.chapter("Time to contain, by stage");
  const stages = ["detected", "delivered", "decided", "accepted", "verified"] as const;
  let previous: string | undefined;
  for (const stage of stages) {
    const at = timeline[stage];
    if (at === undefined) continue;
    const since = previous === undefined ? "" : `+${Date.parse(at) - Date.parse(previous)} ms`;
    story.say(`${stage.padEnd(10)} ${at.slice(11, 23)}  ${since}`);
    previous = at;
  }
  story.say(
    "Simulated: Azure's own latency is not in these numbers, except for the fragment's write, which takes about as long.",
  );
}

async function call({ gatewayUrl }: Stack, from: string, order: number): Promise<number> {
  const key = from === attacker ? { "Ocp-Apim-Subscription-Key": leakedKey } : {};
  const headers = { "X-Simulated-Client-Ip": from, ...key };
  const response = await fetch(`${gatewayUrl}/orders/${order}`, { headers });
  await response.body?.cancel();
  return response.status;
}

async function publish({ topicUrl }: Stack, data: unknown): Promise<void> {
  const event = {
    id: crypto.randomUUID(),
    eventType: "Portcullis.DefenderAlert",
    subject: "play",
    eventTime: new Date().toISOString(),
    dataVersion: "1",
    data,
  };
  const response = await fetch(topicUrl, {
    method: "POST",
    headers: { "content-type": "application/json", "aeg-sas-key": topicKey },
    body: JSON.stringify([event]),
  });
  expect(response.status === 200, `the topic should take the event, but answered ${response.status}`);
}

async function getRun({ hostUrl }: Stack, id: string): Promise<Run | undefined> {
  const response = await fetch(`${hostUrl}/api/runs/${id}`);
  const parsed = Run.safeParse(await response.json());
  return parsed.success ? parsed.data : undefined;
}

async function getReleased({ hostUrl }: Stack): Promise<Containment[]> {
  const response = await fetch(`${hostUrl}/api/containments?state=released`);
  return z.object({ containments: z.array(Containment) }).parse(await response.json()).containments;
}

async function until<T>(what: string, withinMs: number, look: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(50)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new PlayFailed(`waited ${withinMs / 1000} s for ${what}`);
}

function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new PlayFailed(otherwise);
}

function withoutHeader(diff: string): string {
  return diff
    .split("\n")
    .filter((line) => !/^(Index:|={5,}|---|\+\+\+|\\ No newline)/.test(line))
    .join("\n");
}
