import { expect, it } from "vitest";
import { unknownPoint } from "../../../shared/guardrails/known-enforcement-point.ts";
import { containmentId, enforcementPoint } from "../../../shared/ledger/containment.ts";
import { createContainments } from "../../../shared/ledger/containments.ts";
import { untouched } from "../../../shared/reconcile/untouched.ts";
import { someContainments } from "../../support/a-ledger.ts";
import { aProtection } from "../../support/a-protection.ts";
import { memoryTable } from "../../support/memory-table.ts";

it("says in the ledger that a service which the settings no longer name is not touched", async () => {
  const containments = await someContainments();
  const point = enforcementPoint("apim-fragment", "/service");
  const target = { kind: "api-caller" as const, scope: { kind: "service" as const }, address: "203.0.113.7" };
  const id = containmentId("apim-block-ip", point, target);
  const at = new Date("2026-11-23T09:30:00.000Z");
  const times = { since: at.toISOString(), expiresAt: "2026-11-23T10:30:00.000Z" };
  const owner = { id: "alert-1", runId: "run-1", playbook: "test", params: {}, ...times };
  await containments.own({ id, responder: "apim-block-ip", point, target, owner }, at);

  const pass = await untouched(point, unknownPoint(point, aProtection()) ?? "", containments);

  const reason =
    "this API Management service is not in PORTCULLIS_API_MANAGEMENT any more, so nothing there is touched, not even to take this out";
  expect(pass).toEqual({
    outcomes: new Map([[id, { containment: id, state: "failed", reason }]]),
    writes: 0,
    released: 0,
    trouble: reason,
  });
  expect((await containments.get(point.key, id))?.containment).toMatchObject({ state: "failed", reason });
});

it.each([
  [
    enforcementPoint("firewall", "/policy"),
    "this Firewall Policy is not in PORTCULLIS_FIREWALL_POLICIES any more, so nothing there is touched, not even to take this out",
  ],
  [
    enforcementPoint("endpoint"),
    "PORTCULLIS_CONTAIN_IN does not name endpoint any more, so nothing there is touched, not even to take this out",
  ],
])("says of $kind why", async (point, trouble) => {
  const containments = createContainments(memoryTable(), memoryTable());

  expect(await untouched(point, unknownPoint(point, aProtection()) ?? "", containments)).toMatchObject({ trouble });
});
