import { expect, it } from "vitest";
import { apimFragmentPoint, containmentId } from "../../../shared/ledger/containment.ts";
import { untouched } from "../../../shared/reconcile/untouched.ts";
import { someContainments } from "../../support/a-ledger.ts";

it("says in the ledger that a service which the settings no longer name is not touched", async () => {
  const containments = await someContainments();
  const point = apimFragmentPoint("/service");
  const target = { scope: { kind: "service" as const }, address: "203.0.113.7" };
  const id = containmentId("apim-block-ip", point, target);
  const at = new Date("2026-11-23T09:30:00.000Z");
  const times = { since: at.toISOString(), expiresAt: "2026-11-23T10:30:00.000Z" };
  const owner = { id: "alert-1", runId: "run-1", playbook: "test", params: {}, ...times };
  await containments.own({ id, responder: "apim-block-ip", point, target, owner }, at);

  const pass = await untouched(point, containments);

  expect(pass).toMatchObject({ writes: 0, released: 0 });
  expect(pass.outcomes.get(id)).toMatchObject({ state: "failed", reason: expect.stringContaining("no longer in") });
  expect((await containments.get(point.key, id))?.containment.state).toBe("failed");
});
