import { beforeEach, describe, expect, it } from "vitest";
import type { Ask, AzureRequest } from "../../../shared/azure/ask.ts";
import { AzureError } from "../../../shared/azure/azure-error.ts";
import { limitCalls } from "../../../shared/azure/limit-calls.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";

const subscription = "/subscriptions/00000000-0000-4000-8000-000000000001";
const read: AzureRequest = { service: "resource-manager", attempt: "read", method: "GET", path: `${subscription}/a` };
const write: AzureRequest = { ...read, method: "PUT" };

let clock: ManualClock;
let sent: AzureRequest[];
let ask: Ask;

beforeEach(() => {
  clock = createManualClock("2026-11-23T09:30:00.000Z");
  sent = [];
  const waiting = { now: clock.now, sleep: (ms: number) => clock.advance(ms) };
  ask = limitCalls(async (request) => {
    sent.push(request);
    return { status: 200, body: undefined };
  }, waiting);
});

const askTimes = async (count: number, request: AzureRequest) => {
  for (let one = 0; one < count; one++) await ask(request);
};

describe("Resource Manager's buckets", () => {
  it.each([
    ["reads", read, 250, 10_000],
    ["writes", write, 200, 20_000],
    ["deletions", { ...read, method: "DELETE" as const }, 200, 20_000],
  ])("let through as many %s as a subscription has, and then say when there is room", async (_, request, calls, ms) => {
    await askTimes(calls, request);

    await expect(ask(request)).rejects.toMatchObject({ status: 429, code: "KnownLimit", retryAfterMs: ms });
    await expect(ask(request)).rejects.toThrow(AzureError);
    expect(sent).toHaveLength(calls);

    await clock.advance(ms);
    await ask(request);
    expect(sent).toHaveLength(calls + 1);
  });

  it("are another for each subscription, in whatever letters it is written, and for reads and writes", async () => {
    await askTimes(200, write);

    await ask(read);
    await ask({ ...write, path: write.path.replace("0001", "0002") });
    await expect(ask({ ...write, path: write.path.toUpperCase() })).rejects.toMatchObject({ code: "KnownLimit" });
  });
});

it("waits in place where there will be room in a moment", async () => {
  const confirm = {
    ...read,
    service: "graph" as const,
    path: "/v1.0/identityProtection/riskyUsers/confirmCompromised",
  };
  const begun = clock.now().getTime();

  await askTimes(3, confirm);

  expect(sent).toHaveLength(3);
  expect(clock.now().getTime() - begun).toBe(2_500);
});
