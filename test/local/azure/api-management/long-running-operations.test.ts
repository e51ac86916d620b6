import { expect, it } from "vitest";
import { createLongRunningOperations } from "../../../../local/azure/api-management/long-running-operations.ts";
import type { ArmCall } from "../../../../local/azure/resource-manager/route.ts";
import { createManualClock } from "../../../support/manual-clock.ts";
import { contoso, serviceId } from "./contoso.ts";

it("remembers the latest thousand finished operations, and every one that runs", async () => {
  const clock = createManualClock();
  const operations = createLongRunningOperations(clock, new AbortController().signal);
  const service = contoso();
  const start = (ms: number) => {
    const write = { service, resource: `fragment ${ms}`, code: 201, fail: false, ms } as const;
    const headers = operations.start(aCall(fragmentUrl), { ...write, succeed: () => {}, failed: () => {} });
    return headers.location ?? "";
  };
  const poll = (location: string) => operations.answerLocationPoll(service, aCall(location));

  const running = start(60_000);
  const [first = "", second = ""] = Array.from({ length: 1001 }, () => start(0));

  expect(() => poll(first)).toThrow("OperationResult not found.");
  expect(poll(second)).toBeUndefined();
  expect(poll(running)).toMatchObject({ status: 202 });

  await clock.advance(60_000);
  expect(poll(running)).toBeUndefined();
  expect(() => poll(second)).toThrow("OperationResult not found.");
});

const fragmentUrl = `https://management.azure.com${serviceId}/policyFragments/mine?api-version=2024-05-01`;

function aCall(url: string): ArmCall {
  return {
    method: "PUT",
    url: new URL(url),
    params: {},
    header: () => undefined,
    body: undefined,
    staleRead: false,
    failOperation: false,
  };
}
