import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { readAlert } from "../../shared/alerts/read-alert.ts";
import { reasonOf } from "../../shared/alerts/reading.ts";
import { createApiManagement } from "../../shared/azure/api-management.ts";
import { connectAsOperator } from "../../shared/azure/connection.ts";
import { systemClock } from "../../shared/clock.ts";
import { bootstrapService } from "../../shared/reconcile/bootstrap-service.ts";
import type { Stack } from "../stack.ts";
import { expect, longestWaitMs, type Play, PlayFailed, until } from "./play.ts";
import { concluded, getReleased, getRun, publish } from "./runs.ts";
import { tellDecision, tellOutcome, tellPlan, tellTimes, withoutHeader } from "./tell-run.ts";
import { leakedKey } from "./tenant.ts";
import { serviceId } from "./world.ts";

export const alertFile = join(import.meta.dirname, "alerts/api-parameter-enumeration.json");

const attacker = "203.0.113.66";
const customer = "192.0.2.10";

/** A caller walks through order numbers. The playbook for it runs by itself. */
export const apiAttack: Play = async (stack, story) => {
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
  const run = await concluded(stack, runId);
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
};

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

async function call({ gatewayUrl }: Stack, from: string, order: number): Promise<number> {
  const key = from === attacker ? { "Ocp-Apim-Subscription-Key": leakedKey } : {};
  const headers = { "X-Simulated-Client-Ip": from, ...key };
  const response = await fetch(`${gatewayUrl}/orders/${order}`, { headers });
  await response.body?.cancel();
  return response.status;
}
