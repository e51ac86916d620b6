import * as z from "zod";
import { Containment } from "../../shared/ledger/containment.ts";
import { Run } from "../../shared/ledger/run.ts";
import type { Stack } from "../stack.ts";
import { expect, until } from "./play.ts";
import { topicKey } from "./world.ts";

const Intake = z.object({
  intake: z.array(z.object({ alertKey: z.string().optional(), outcome: z.string(), reason: z.string() })),
});
const Accepted = z.object({ runId: z.string() });

/** What anybody can do with Portcullis from outside: publish an alert, run a playbook, look. */
export async function publish({ topicUrl }: Stack, data: unknown): Promise<void> {
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

/** What became of an alert when it came in; undefined as long as it has not. */
export async function taken({ hostUrl }: Stack, key: string) {
  const response = await fetch(`${hostUrl}/api/intake`);
  return Intake.parse(await response.json()).intake.find(({ alertKey }) => alertKey === key);
}

/** Gives the run's id. */
export async function runByHand({ hostUrl }: Stack, playbook: string, body: object): Promise<string> {
  const response = await fetch(`${hostUrl}/api/playbooks/${playbook}/run`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  expect(response.status === 202, `${playbook} should be run, but the answer was ${JSON.stringify(answer)}`);
  return Accepted.parse(answer).runId;
}

export async function getRun({ hostUrl }: Stack, id: string): Promise<Run | undefined> {
  const response = await fetch(`${hostUrl}/api/runs/${id}`);
  const parsed = Run.safeParse(await response.json());
  return parsed.success ? parsed.data : undefined;
}

export function concluded(stack: Stack, id: string): Promise<Run> {
  return until("the run to conclude", 60_000, async () => {
    const found = await getRun(stack, id);
    return found?.timeline.concluded ? found : undefined;
  });
}

export async function getReleased({ hostUrl }: Stack): Promise<Containment[]> {
  const response = await fetch(`${hostUrl}/api/containments?state=released`);
  return z.object({ containments: z.array(Containment) }).parse(await response.json()).containments;
}
