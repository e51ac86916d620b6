import { afterAll, beforeAll, expect, it } from "vitest";
import { aStack, type TestStack } from "./support/a-stack.ts";
import { publish, raise } from "./support/defender.ts";
import {
  blockedAddresses,
  concluded,
  containments,
  forgetCalls,
  fragment,
  instances,
  journal,
  writes,
} from "./support/observe.ts";
import { until } from "./support/until.ts";

const attacker = "203.0.113.20";
let stack: TestStack;
beforeAll(async () => {
  stack = await aStack();
});
afterAll(() => stack.close());

it("answers an alert once that arrives twenty times at the same moment, in both schemas", async () => {
  const { payload, runId } = raise(attacker);
  await forgetCalls(stack);

  await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      publish(stack.topicUrl, [payload], index % 2 === 0 ? "eventgrid" : "cloudevents"),
    ),
  );
  const lines = await until("twenty lines in the journal", 20_000, async () => {
    const found = await journal(stack);
    return found.length >= 20 ? found : undefined;
  });
  const run = await concluded(stack, runId);

  expect(lines.map(({ outcome }) => outcome).sort()).toEqual(["accepted", ...Array(19).fill("duplicate")]);
  expect(run.outcomes).toEqual([expect.objectContaining({ state: "verified" })]);
  expect(await containments(stack)).toEqual([
    expect.objectContaining({ state: "verified", owners: [expect.objectContaining({ runId })] }),
  ]);
  expect(await instances(stack)).toEqual([{ instanceId: runId, runtimeStatus: "Completed" }]);
  expect(await writes(stack)).toEqual(["PolicyFragment_CreateOrUpdate"]);
  expect(blockedAddresses(await fragment(stack))).toEqual([attacker]);
});

it("knows the alert again long after its run has ended", async () => {
  const { payload, runId } = raise("203.0.113.21");
  await publish(stack.topicUrl, [payload]);
  await concluded(stack, runId);
  await forgetCalls(stack);

  await publish(stack.topicUrl, [payload], "cloudevents");
  await until("the repetition in the journal", 10_000, async () =>
    (await journal(stack)).length === 22 ? true : undefined,
  );

  expect((await journal(stack)).filter(({ outcome }) => outcome === "accepted")).toHaveLength(2);
  expect(await writes(stack)).toEqual([]);
});
