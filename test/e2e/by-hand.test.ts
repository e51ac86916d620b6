import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import * as z from "zod";
import { serviceId } from "../../local/scenarios/world.ts";
import { type Run, Run as RunSchema } from "../../shared/ledger/run.ts";
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
  writes,
} from "./support/observe.ts";
import { until } from "./support/until.ts";

const Accepted = z.strictObject({ runId: z.string(), mode: z.string(), look: z.string() });

let stack: TestStack;
beforeAll(async () => {
  stack = await aStack();
});
afterAll(() => stack.close());
beforeEach(() => forgetCalls(stack));

it("observes unless told otherwise: shows the very request that enforcing sends, and sends none", async () => {
  const address = "203.0.113.70";
  const observed = await runByHand({ target: { address } });

  expect(observed.decision.steps.map(({ verdict }) => verdict)).toEqual(["observe"]);
  expect(await writes(stack)).toEqual([]);
  expect(await containments(stack)).toEqual([]);
  expect(await callApi(stack, address)).toBe(200);

  const [planned] = observed.plans.flatMap(({ requests }) => requests);
  expect(planned).toMatchObject({
    method: "PUT",
    url: `https://management.azure.com${serviceId}/policyFragments/portcullis-containment?api-version=2024-05-01`,
    headers: { "If-Match": expect.stringMatching(/^".+"$/) },
  });
  const enforced = await runByHand({ target: { address }, mode: "enforce" });
  expect(enforced.plans.flatMap(({ requests }) => requests)).toEqual([planned]);
  expect(await writes(stack)).toEqual(["PolicyFragment_CreateOrUpdate"]);
  const { properties }: { properties: { value: string } } = JSON.parse(planned?.body ?? "");
  expect((await fragment(stack)).replaceAll(/\s+/g, "")).toBe(
    properties.value.replaceAll("/>", " />").replaceAll(/\s+/g, ""),
  );
  expect(enforced.outcomes).toEqual([expect.objectContaining({ state: "verified" })]);
  expect(await callApi(stack, address)).toBe(403);
});

it("takes a block away early, once, and at once", async () => {
  const address = "203.0.113.71";
  const { outcomes } = await runByHand({ target: { address }, mode: "enforce", duration: "PT1H" });
  const id = outcomes[0]?.containment;
  expect(await callApi(stack, address)).toBe(403);

  const response = await fetch(`${stack.hostUrl}/api/containments/${id}`, { method: "DELETE" });
  expect([response.status, await response.json()]).toEqual([
    202,
    { id, state: "releasing", look: "/api/containments" },
  ]);

  await until(
    "the address to be served again",
    5_000,
    async () => (await callApi(stack, address)) === 200 || undefined,
  );
  const released = await until("the release to be recorded", 5_000, async () =>
    (await containments(stack, "released")).find((containment) => containment.id === id),
  );
  expect(released).toMatchObject({ state: "released", reason: "released early by function key" });
  expect((await containments(stack)).map((containment) => containment.id)).not.toContain(id);
  expect((await fetch(`${stack.hostUrl}/api/containments/${id}`, { method: "DELETE" })).status).toBe(404);
});

it("makes one run of one Idempotency-Key, also of twenty requests at the same moment", async () => {
  const body = { target: { address: "203.0.113.72" }, mode: "enforce" };
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(body, { "idempotency-key": "incident-7" })));

  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(202));
  const runIds = new Set(await Promise.all(answers.map(async (answer) => Accepted.parse(await answer.json()).runId)));
  expect(runIds.size).toBe(1);
  const [runId = ""] = runIds;
  const run = await concluded(stack, runId);
  const again = Accepted.parse(await (await ask(body, { "idempotency-key": "incident-7" })).json());

  expect(again.runId).toBe(runId);
  expect(await concluded(stack, runId)).toEqual(run);
  expect(await writes(stack)).toEqual(["PolicyFragment_CreateOrUpdate"]);
});

it.each([
  [
    "a service that the installation was not given",
    { address: "203.0.113.73", service: `${serviceId}-other` },
    /PORTCULLIS_API_MANAGEMENT/,
  ],
  [
    "a protected address",
    { address: "198.51.100.7" },
    /protected by 198\.51\.100\.0\/28 in PORTCULLIS_PROTECTED_NETWORKS/,
  ],
  ["a private address", { address: "10.1.2.3" }, /private/],
  ["the simulated loopback", { address: "127.0.0.1" }, /loopback/],
  ["Azure's own address", { address: "168.63.129.16" }, /azure-platform/],
  ["an IPv6 address, which ip-filter does not take", { address: "2001:db8::7" }, /IPv4|IPv6/],
  ["no address", {}, /no attacker address/],
])("refuses %s and says why", async (_, target, reason) => {
  const run = await runByHand({ target, mode: "enforce" });

  expect(run.decision.steps.map(({ verdict }) => verdict)).toEqual(["refuse"]);
  expect(run.decision.steps.flatMap(({ against }) => against).join("\n")).toMatch(reason);
  expect(run.outcomes).toEqual([]);
  expect(run.plans.flatMap(({ requests }) => requests)).toEqual([]);
  expect(await writes(stack)).toEqual([]);
});

it("takes an alert in place of a target, as often as somebody asks", async () => {
  const address = "203.0.113.74";
  const { payload } = raise(address);
  const observed = await runByHand({ alert: payload });
  const enforced = await runByHand({ alert: payload, mode: "enforce" });

  expect(observed.id).not.toBe(enforced.id);
  expect(enforced.alert.key).toBe(observed.alert.key);
  expect(await callApi(stack, address)).toBe(403);
});

it.each<[string, Record<string, unknown>]>([
  ["SIMULATED_ before its type", { AlertType: "SIMULATED_API_ParameterEnumeration" }],
  ["[SAMPLE ALERT] before its name", { AlertDisplayName: "[SAMPLE ALERT] Parameter enumeration on an API endpoint" }],
  ["the samples' description", { Description: "THIS IS A SAMPLE ALERT: A single IP was observed." }],
])("takes a sample alert, %s, all the way and blocks nothing", async (_, changes) => {
  const address = "203.0.113.75";
  const { payload, runId } = raise(address, changes);
  await publish(stack.topicUrl, [payload]);
  const run = await concluded(stack, runId);

  expect(run.decision.steps).toEqual([expect.objectContaining({ verdict: "observe" })]);
  expect(run.plans.flatMap(({ requests }) => requests)).toHaveLength(1);
  expect(run.outcomes).toEqual([]);
  expect(await writes(stack)).toEqual([]);
  expect(await callApi(stack, address)).toBe(200);
});

it("takes the portal's sample, whose attacker is 0.0.0.0, all the way and blocks nothing", async () => {
  const { payload, runId } = raise("0.0.0.0");
  await publish(stack.topicUrl, [payload]);
  const run = await concluded(stack, runId);

  expect(run.decision.steps).toEqual([
    expect.objectContaining({ verdict: "observe", against: [expect.stringContaining("0.0.0.0")] }),
  ]);
  expect(await writes(stack)).toEqual([]);
  expect(blockedAddresses(await fragment(stack))).not.toContain("0.0.0.0");
});

it("has left no run unfinished and no error in the log", async () => {
  expect((await instances(stack)).filter(({ runtimeStatus }) => runtimeStatus !== "Completed")).toEqual([]);
  expect(stack.hostLog()).not.toMatch(/^\[(error|critical)\]/m);
});

function ask(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${stack.hostUrl}/api/playbooks/api-block-hostile-address/run`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

async function runByHand(body: unknown): Promise<Run> {
  const response = await ask(body);
  const text = await response.text();
  expect(response.status, text).toBe(202);
  const { runId, look } = Accepted.parse(JSON.parse(text));
  expect([look, response.headers.get("location")]).toEqual([`/api/runs/${runId}`, `/api/runs/${runId}`]);
  return RunSchema.parse(await concluded(stack, runId));
}
