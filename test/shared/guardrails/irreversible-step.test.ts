import { expect, it } from "vitest";
import type { Proposal } from "../../../shared/guardrails/guardrail.ts";
import { irreversibleStep } from "../../../shared/guardrails/irreversible-step.ts";
import { enforcementPoint } from "../../../shared/ledger/containment.ts";
import { aProtection } from "../../support/a-protection.ts";
import { aPayload, read } from "../../support/an-alert.ts";

const check = (changes: Partial<Proposal>) =>
  irreversibleStep.check(
    {
      alert: read(aPayload()),
      responder: "apim-rotate-keys",
      point: enforcementPoint("apim-access", "/service"),
      target: { kind: "api-subscription", subscriptionId: "key-1" },
      ...changes,
    },
    aProtection(),
  );

it.each([{}, { chosenByHand: false }])("what cannot be taken back is only shown when an alert asks: %j", (asked) => {
  expect(check({ irreversible: "the old key is gone", ...asked })).toEqual({
    verdict: "observe",
    reason: "it cannot be taken back (the old key is gone): run the playbook by hand to do it",
  });
});

it("what cannot be taken back is done when a person asks", () => {
  expect(check({ irreversible: "the old key is gone", chosenByHand: true })).toBeUndefined();
});

it.each([{}, { irreversible: undefined }])("what can be taken back is done: %j", (reversible) => {
  expect(check(reversible)).toBeUndefined();
});
