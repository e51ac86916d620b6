import { afterAll, beforeAll, expect, it } from "vitest";
import * as z from "zod";
import { publish, raise } from "./support/defender.ts";
import { aStack, type TestStack } from "./support/a-stack.ts";
import { blockedAddresses, callApi, containments, forgetCalls, fragment, journal, writes } from "./support/observe.ts";
import { until } from "./support/until.ts";

const alerts = 500;
const attackers = Array.from({ length: alerts }, (_, index) => `203.0.${113 + Math.floor(index / 250)}.${index % 250}`);
let stack: TestStack;
beforeAll(async () => {
  stack = await aStack({ fragmentWriteMs: 2_000 });
});
afterAll(() => stack.close());

const Instance = z.object({
  instanceId: z.string(),
  runtimeStatus: z.string(),
  output: z.object({ outcomes: z.array(z.object({ state: z.string() })) }).nullish(),
});

it("blocks 500 attackers who come at once, in at most 4 writes of 2 seconds", async () => {
  const raised = attackers.map((attacker) => raise(attacker));
  await forgetCalls(stack);
  const start = Date.now();
  const seconds = () => ((Date.now() - start) / 1000).toFixed(1);

  await publish(
    stack.topicUrl,
    raised.map(({ payload }) => payload),
  );
  const runs = await until("500 runs to conclude", 90_000, async () => {
    const found = await instances(stack.hostUrl);
    return found.length === alerts && found.every(({ runtimeStatus }) => runtimeStatus === "Completed")
      ? found
      : undefined;
  }, 250);
  const sent = await writes(stack);
  console.log(`${alerts} alerts: concluded in ${seconds()} s, ${sent.length} fragment writes`);

  expect(new Set(runs.map(({ instanceId }) => instanceId))).toEqual(new Set(raised.map(({ runId }) => runId)));
  expect(runs.map(({ output }) => output?.outcomes.map(({ state }) => state))).toEqual(
    raised.map(() => ["verified"]),
  );
  expect(sent.length).toBeLessThanOrEqual(4);
  expect(new Set(sent)).toEqual(new Set(["PolicyFragment_CreateOrUpdate"]));

  const standing = await containments(stack);
  expect(standing).toHaveLength(alerts);
  expect(new Set(standing.map(({ state }) => state))).toEqual(new Set(["verified"]));
  const blocked = blockedAddresses(await fragment(stack));
  expect(blocked).toHaveLength(alerts);
  expect(new Set(blocked)).toEqual(new Set(attackers));
  expect((await journal(stack)).map(({ outcome }) => outcome)).toEqual(Array(alerts).fill("accepted"));
  expect(await callApi(stack, attackers.at(-1) ?? "")).toBe(403);
  expect(await callApi(stack, "192.0.2.10")).toBe(200);
}, 120_000);

async function instances(hostUrl: string): Promise<z.infer<typeof Instance>[]> {
  const response = await fetch(
    `${hostUrl}/runtime/webhooks/durabletask/instances?instanceIdPrefix=respond-&showInput=false&top=1000`,
  );
  return z.array(Instance).parse(await response.json());
}
