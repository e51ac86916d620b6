import { expect, it } from "vitest";
import type { Protection } from "../../../shared/guardrails/guardrail.ts";
import { objections } from "../../../shared/guardrails/guardrails.ts";
import { enforcementPoint } from "../../../shared/ledger/containment.ts";
import { aProtection } from "../../support/a-protection.ts";
import { aPayload, read } from "../../support/an-alert.ts";

const serviceId =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-shop/providers/Microsoft.ApiManagement/service/contoso-shop";
const gateway = { address: "203.0.113.10", owner: "the application gateway agw", machine: false };

function found(address: string | undefined, ownAddresses?: Protection["ownAddresses"]) {
  const everybody = { kind: "api-caller" as const, scope: { kind: "service" as const } };
  return objections(
    {
      alert: read(aPayload()),
      responder: "apim-block-ip",
      point: enforcementPoint("apim-fragment", serviceId),
      target: address === undefined ? everybody : { ...everybody, address },
    },
    aProtection({ apiManagement: [serviceId], ...(ownAddresses ? { ownAddresses } : {}) }),
  );
}

it.each(["203.0.113.10", "::ffff:203.0.113.10"])("refuses %s, which is our own, and says whose", (address) => {
  expect(found(address, [gateway])).toEqual([
    { guardrail: "own-address", verdict: "refuse", reason: "203.0.113.10 is our own: the application gateway agw" },
  ]);
});

it("only observes what comes from a single machine of ours, which may have been taken over", () => {
  const machine = { address: "203.0.113.10", owner: "the network interface vm-nic", machine: true };

  expect(found("203.0.113.10", [machine])).toEqual([
    {
      guardrail: "own-address",
      verdict: "observe",
      reason: expect.stringMatching(/^203\.0\.113\.10 is our own: the network interface vm-nic\. .*taken over/),
    },
  ]);
});

it.each([
  ["another address", "203.0.113.1", [gateway]],
  ["any address when none is known to be ours", "203.0.113.10", []],
  ["any address when nobody looked", "203.0.113.10", undefined],
  ["everybody", undefined, [gateway]],
] as const)("has nothing against %s", (_, address, own) => {
  expect(found(address, own)).toEqual([]);
});

it("refuses when what was looked up cannot be compared", () => {
  expect(found("203.0.113.10", [{ address: "not an address", owner: "somebody", machine: true }])).toMatchObject([
    { guardrail: "own-address", verdict: "refuse", reason: expect.stringMatching(/^the guardrail failed/) },
  ]);
});
