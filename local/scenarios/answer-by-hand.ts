import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { readAlert } from "../../shared/alerts/read-alert.ts";
import { reasonOf } from "../../shared/alerts/reading.ts";
import type { Containment } from "../../shared/ledger/containment.ts";
import type { Run } from "../../shared/ledger/run.ts";
import { describeTarget } from "../../shared/ledger/target.ts";
import type { Stack } from "../stack.ts";
import { expect, longestWaitMs, PlayFailed, until } from "./play.ts";
import { concluded, getReleased, getRun, publish, runByHand, taken } from "./runs.ts";
import type { Story } from "./story.ts";
import { tellDecision, tellOutcome, tellPlan, tellTimes } from "./tell-run.ts";

const AlertObject = z.record(z.string(), z.unknown());
const AlertList = z.object({ value: z.tuple([AlertObject]) });
const momentAgoMs = 2000;

/** The alert comes in and is recorded, and then somebody runs a playbook for it: its plan, its writes, its proof. */
export async function answerByHand(
  stack: Stack,
  story: Story,
  { file, product, playbook }: { file: string; product: string; playbook: string },
): Promise<Run> {
  story.chapter("The alert");
  const payload = await raisedJustNow(file);
  const reading = readAlert(payload);
  if (!("alert" in reading)) throw new PlayFailed(`${file}: ${reasonOf(reading)}`);
  const { alert } = reading;
  await publish(stack, payload);
  story.say(`${product} (simulated): ${alert.title}, ${alert.severity}, published to the Event Grid topic`);
  const { outcome, reason } = await until("the alert to be recorded", 30_000, () => taken(stack, alert.key));
  story.say(`GET /api/intake: ${outcome}: ${reason}`);

  const runId = await runByHand(stack, playbook, { alert: payload, mode: "enforce" });
  story.say(`Somebody runs the playbook for it: POST /api/playbooks/${playbook}/run`);
  const decided = await until("the decision", 30_000, () => getRun(stack, runId));
  tellDecision(decided, story);
  tellPlan(decided, story);
  const run = await concluded(stack, runId);
  tellOutcome(run, story);
  return run;
}

/** Waits until what can be taken back has been; false where that would last longer than anybody watches. */
export async function awaitRelease(stack: Stack, story: Story, run: Run): Promise<boolean> {
  tellTimes(run, story);
  story.chapter("Nobody has to remember to take it back");
  const containments = run.decision.steps.flatMap(({ containment }) => (containment ? [containment] : []));
  const lastMs = Math.max(...containments.map(({ expiresAt }) => Date.parse(expiresAt)));
  expect(containments.length > 0, "the decision should name a containment");
  story.say(`The last containment ends by itself at ${new Date(lastMs).toISOString().slice(11, 19)} UTC`);
  if (lastMs - Date.now() > longestWaitMs) {
    story.say("This play does not wait that long; DELETE /api/containments/ID releases one early.");
    return false;
  }
  const ids = new Set(containments.map(({ id }) => id));
  const released = await until("the containments to be released", 2 * longestWaitMs, async () => {
    const ours = (await getReleased(stack)).filter(({ id }) => ids.has(id));
    return ours.length === ids.size ? ours : undefined;
  });
  for (const one of released) story.say(ending(one));
  return true;
}

function ending({ responder, target, releasedAt }: Containment): string {
  return `${responder} on ${describeTarget(target)}: ended at ${releasedAt?.slice(11, 19)} UTC`;
}

/** The alert of a file as if all of it had happened a moment ago. */
async function raisedJustNow(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(join(import.meta.dirname, "alerts", file), "utf8");
  const now = new Date(Date.now() - momentAgoMs).toISOString();
  const fresh: unknown = JSON.parse(text.replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?/g, now));
  const list = AlertList.safeParse(fresh);
  return list.success ? list.data.value[0] : AlertObject.parse(fresh);
}
