import { describe, expect, it } from "vitest";
import { enforcementPoint } from "../../../shared/ledger/containment.ts";
import { createEnforcementPoints } from "../../../shared/ledger/enforcement-points.ts";
import type { Run } from "../../../shared/ledger/run.ts";
import { aJournal, aTable, someRuns } from "../../support/a-ledger.ts";
import { aPayload, read } from "../../support/an-alert.ts";

const at = "2026-11-23T09:30:00.000Z";

function aRun(body: string): Run {
  const alert = read(aPayload());
  return {
    id: `respond-${alert.key}`,
    requestedBy: "alert",
    alert,
    decision: { alertKey: alert.key, decidedAt: at, mode: "observe", passedOver: [], steps: [] },
    plans: [{ point: "p", requests: [{ method: "PUT", url: "https://x", headers: {}, body }], diff: "", doubts: [] }],
    planHash: "0".repeat(64),
    timeline: { detected: at, delivered: at },
    outcomes: [],
  };
}

describe("a run", () => {
  it.each([
    ["small", "x"],
    ["with a fragment of half a megabyte in its plan", "<address>203.0.113.7</address>".repeat(17_000)],
  ])("that is %s comes back as it was saved", async (_, body) => {
    const runs = await someRuns();

    await runs.save(aRun(body));

    expect(await runs.get(aRun(body).id)).toEqual(aRun(body));
  });

  it("that is saved again is the later one, whichever of them was large", async () => {
    const runs = await someRuns();
    const [large, small] = [aRun("a ".repeat(40_000)), { ...aRun("x"), requestedBy: "someone" }];

    for (const run of [large, small, large]) {
      await runs.save(run);
      expect(await runs.get(run.id)).toEqual(run);
    }
  });

  it("that was never saved is not there", async () => {
    expect(await (await someRuns()).get("respond-nothing")).toBeUndefined();
  });
});

describe("the enforcement points", () => {
  const services = ["contoso", "fabrikam"].map((name) =>
    enforcementPoint(
      "apim-fragment",
      `/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/${name}`,
    ),
  );

  it("are remembered once each, over every process", async () => {
    const table = await aTable("Points");

    for (const point of [...services, ...services]) await createEnforcementPoints(table).remember(point);

    const all = await createEnforcementPoints(table).all();
    expect(all.toSorted((a, b) => a.resourceId.localeCompare(b.resourceId))).toEqual(services);
  });
});

describe("the intake journal", () => {
  it("has a line for everything that came, by the day", async () => {
    const journal = await aJournal();
    const late = new Date("2026-11-23T23:59:59.999Z");

    await journal.record({ eventId: "e-1", outcome: "ignored", reason: "nobody answers it" }, late);
    await journal.record({ eventId: "e-1", outcome: "duplicate", reason: "again", alertKey: "k", runId: "r" }, late);
    await journal.record({ eventId: "e-2", outcome: "refused", reason: "not JSON" }, new Date("2026-11-24T00:00:00Z"));

    expect((await journal.day("2026-11-23")).map(({ outcome }) => outcome).toSorted()).toEqual([
      "duplicate",
      "ignored",
    ]);
    expect(await journal.day("2026-11-24")).toEqual([
      { eventId: "e-2", outcome: "refused", reason: "not JSON", at: "2026-11-24T00:00:00.000Z" },
    ]);
    expect(await journal.day("2026-11-25")).toEqual([]);
  });
});
