import * as z from "zod";
import { Run } from "../../../shared/ledger/run.ts";
import { until } from "./until.ts";

/** Runs a playbook by hand and gives the run once it has concluded. */
export async function runPlaybook(
  { hostUrl }: { hostUrl: string },
  playbook: string,
  body: object,
  withinMs = 40_000,
): Promise<Run> {
  const started = await fetch(`${hostUrl}/api/playbooks/${playbook}/run`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const { look } = z.object({ look: z.string() }).parse(await started.json());
  return until(`the end of ${look}`, withinMs, async () => {
    const found = z.looseObject({ state: z.string() }).parse(await (await fetch(`${hostUrl}${look}`)).json());
    return found.state === "concluded" ? Run.parse(found) : undefined;
  });
}

/** Ends all of a run's containments early and waits until none of them stands. */
export async function releaseAll({ hostUrl }: { hostUrl: string }, { decision }: Run): Promise<void> {
  const ids = decision.steps.flatMap(({ containment }) => (containment ? [containment.id] : []));
  for (const id of ids) await fetch(`${hostUrl}/api/containments/${id}`, { method: "DELETE" });
  const Standing = z.object({ containments: z.array(z.object({ id: z.string() })) });
  await until("nothing of it stands", 40_000, async () => {
    const { containments } = Standing.parse(await (await fetch(`${hostUrl}/api/containments`)).json());
    return containments.some(({ id }) => ids.includes(id)) ? undefined : true;
  });
}
