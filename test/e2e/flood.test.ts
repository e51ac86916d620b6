import { afterAll, beforeAll, expect, it } from "vitest";
import { aStack, type TestStack } from "./support/a-stack.ts";
import { publish, raise } from "./support/defender.ts";
import {
  blockedAddresses,
  callApi,
  concluded,
  containments,
  forgetCalls,
  fragment,
  instances,
  journal,
  writes,
} from "./support/observe.ts";
import { until } from "./support/until.ts";

const alerts = 500;
const attackers = Array.from({ length: alerts }, (_, index) => `203.0.${113 + Math.floor(index / 250)}.${index % 250}`);
let stack: TestStack;
beforeAll(async () => {
  stack = await aStack({ fragmentWriteMs: 2_000 });
});
afterAll(() => stack.close());

it("blocks 500 attackers who come at once, in at most 4 writes of 2 seconds", async () => {
  const raised = attackers.map((attacker) => raise(attacker));
  await forgetCalls(stack);
  const start = Date.now();
  const seconds = () => ((Date.now() - start) / 1000).toFixed(1);

  await publish(
    stack.topicUrl,
    raised.map(({ payload }) => payload),
  );
  const runs = await until(
    "500 runs to conclude",
    90_000,
    async () => {
      const found = await instances(stack);
      return found.length === alerts && found.every(({ runtimeStatus }) => runtimeStatus === "Completed")
        ? found
        : undefined;
    },
    250,
  );
  const sent = await writes(stack);
  console.log(`${alerts} alerts: concluded in ${seconds()} s, ${sent.length} fragment writes`);

  expect(new Set(runs.map(({ instanceId }) => instanceId))).toEqual(new Set(raised.map(({ runId }) => runId)));
  expect(sent.length).toBeLessThanOrEqual(4);
  expect(new Set(sent)).toEqual(new Set(["PolicyFragment_CreateOrUpdate"]));

  const concludedRuns = await Promise.all(raised.map(({ runId }) => concluded(stack, runId)));
  expect(concludedRuns.flatMap(({ outcomes }) => outcomes.map(({ state }) => state))).toEqual(
    Array(alerts).fill("verified"),
  );
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
