import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Alert } from "../../../shared/alerts/alert.ts";
import { fingerprint } from "../../../shared/alerts/fingerprint.ts";
import { enforcementPoint } from "../../../shared/ledger/containment.ts";
import { createEnforcementPoints } from "../../../shared/ledger/enforcement-points.ts";
import type { DecidedStep } from "../../../shared/playbooks/decision.ts";
import { loadPlaybooks } from "../../../shared/playbooks/load-playbooks.ts";
import type { Playbook } from "../../../shared/playbooks/playbook.ts";
import { responders } from "../../../shared/responders/responders.ts";
import { contain } from "../../../shared/response/contain.ts";
import type { Receiver } from "../../../shared/response/receive.ts";
import { takeAlert } from "../../../shared/response/take-alert.ts";
import { aTable } from "../../support/a-ledger.ts";
import { aPayload, read } from "../../support/an-alert.ts";
import { anIntake } from "../../support/an-intake.ts";

const at = "2026-11-23T09:30:00.000Z";
const shipped = await loadPlaybooks(join(import.meta.dirname, "../../../playbooks"), responders);
const alert = read(aPayload());
const runId = `respond-${alert.key}`;
const closed = (changes: Partial<Alert> = {}): Alert => ({ ...alert, status: "resolved", ...changes });
const noon = "2026-11-23T12:00:00.000Z";
const later = "2026-11-23T12:00:01.000Z";

const point = enforcementPoint(
  "apim-fragment",
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-shop/providers/Microsoft.ApiManagement/service/contoso-shop",
);
const step = (id: string): DecidedStep => ({
  playbook: "p",
  responder: "apim-block-ip",
  verdict: "enforce",
  because: [],
  against: [],
  containment: {
    id,
    point,
    target: { kind: "api-caller", scope: { kind: "service" }, address: "203.0.113.66" },
    params: {},
    expiresAt: later,
  },
});

/** An alert that was taken on, and whose two blocks stand; one of them is wanted by another alert as well. */
async function anAnsweredAlert() {
  const intake = await anIntake({ playbooks: shipped, at });
  const { receiver, clock } = intake;
  await takeAlert(alert, undefined, receiver);
  const steps = [step("block-1"), step("block-2")];
  await receiver.runs.save({
    id: runId,
    requestedBy: "alert",
    alert,
    decision: { alertKey: alert.key, decidedAt: at, mode: "enforce", passedOver: [], steps },
    plans: [],
    planHash: "0",
    timeline: { detected: at, delivered: at },
    outcomes: [],
  });
  const points = createEnforcementPoints(await aTable("Points"));
  const ledger = { containments: receiver.containments, points, alerts: receiver.alerts, clock };
  const wish = { runId, ownerId: alert.key, decidedAt: at, priority: 2, steps };
  const owners = async () => {
    const held = await receiver.containments.at(point.key);
    return held.map(({ containment }) =>
      containment.owners.flatMap(({ id, expiresAt }) => (expiresAt > clock.now().toISOString() ? [id] : [])),
    );
  };
  return { ...intake, ledger, wish, owners };
}

describe("an alert that its product closed", () => {
  it("starts nothing, and neither does an older state of it that comes later", async () => {
    const { receiver, started } = await anIntake({ playbooks: shipped, at });

    const first = await takeAlert(closed({ updatedAt: later }), undefined, receiver);
    const second = await takeAlert({ ...alert, updatedAt: noon }, undefined, receiver);

    expect(first).toEqual({ outcome: "ignored", reason: "the product says that the alert is resolved" });
    expect(second).toEqual({
      outcome: "ignored",
      reason: "the product closed this alert before, and nothing says that this state of it is newer",
    });
    expect(started.size).toBe(0);
  });

  it("is answered when the product opens it again", async () => {
    const { receiver, started } = await anIntake({ playbooks: shipped, at });
    await takeAlert(closed({ updatedAt: noon }), undefined, receiver);

    expect(await takeAlert({ ...alert, updatedAt: later }, undefined, receiver)).toMatchObject({ outcome: "accepted" });
    expect(started.size).toBe(1);
  });

  it("is told from an older state by when the event was sent, where the product gives no time", async () => {
    const { receiver } = await anIntake({ playbooks: shipped, at });
    await takeAlert(closed(), noon, receiver);

    expect(await takeAlert(alert, noon, receiver)).toMatchObject({ outcome: "ignored" });
    expect(await takeAlert(alert, later, receiver)).toMatchObject({ outcome: "accepted" });
  });

  it("keeps what it contained when it was merely resolved or dismissed", async () => {
    const { receiver, ledger, wish, owners, woken } = await anAnsweredAlert();
    await contain(wish, ledger);

    await takeAlert(closed(), undefined, receiver);
    await takeAlert(closed({ status: "dismissed" }), undefined, receiver);

    expect(await owners()).toEqual([[alert.key], [alert.key]]);
    expect(woken).toEqual([]);
  });

  it("lets go of all that it alone wanted when it was a false positive, and of nothing else", async () => {
    const { receiver, ledger, wish, owners, woken } = await anAnsweredAlert();
    await contain(wish, ledger);
    await contain({ ...wish, ownerId: "another-alert", steps: [step("block-2")] }, ledger);

    const taken = await takeAlert(closed({ classification: "false-positive" }), undefined, receiver);

    expect(taken).toEqual({
      outcome: "ignored",
      reason: "the product says that the alert is a false positive: 2 containments are let go",
      runId,
    });
    expect(await owners()).toEqual([[], ["another-alert"]]);
    expect(woken).toEqual([point]);
  });

  it("lets go also while its state says that it is open, and is not taken on again", async () => {
    const { receiver, ledger, wish, owners, started } = await anAnsweredAlert();
    await contain(wish, ledger);
    const marked: Alert = { ...alert, status: "inProgress", classification: "false-positive" };

    await takeAlert(marked, undefined, receiver);

    expect(await owners()).toEqual([[], []]);
    const fresh = await anIntake({ playbooks: shipped, at });
    expect((await takeAlert(marked, undefined, fresh.receiver)).outcome).toBe("ignored");
    expect([started.size, fresh.started.size]).toEqual([1, 0]);
  });

  it("as a false positive is let go of again as long as anything stands: a lost wake-up is made up for", async () => {
    const { receiver, ledger, wish, woken } = await anAnsweredAlert();
    await contain(wish, ledger);
    const falsePositive = closed({ classification: "false-positive" });
    const deaf = { ...receiver.starter, wake: () => Promise.reject(new Error("the host is going down")) };

    await expect(takeAlert(falsePositive, undefined, { ...receiver, starter: deaf })).rejects.toThrow("going down");
    const again = await takeAlert(falsePositive, undefined, receiver);

    expect(again.reason).toContain("2 containments are let go");
    expect(woken).toEqual([point]);
  });

  it("as a false positive contains nothing when its run had decided but not yet written", async () => {
    const { receiver, ledger, wish, owners } = await anAnsweredAlert();
    await takeAlert(closed({ classification: "false-positive" }), undefined, receiver);

    await contain(wish, ledger);

    expect(await owners()).toEqual([[], []]);
  });
});

describe("one finding under two ids", () => {
  const attackerAt = (address: string) => ({
    kind: "ip" as const,
    role: "attacker" as const,
    foundAt: "z",
    address,
    class: "public" as const,
  });
  const machine =
    "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/web-1";
  const endpoint = (key: string, changes: Partial<Alert> = {}): Alert => ({
    ...alert,
    key,
    source: "defender-for-endpoint",
    family: "graph-alert",
    type: "Malware",
    title: "Suspicious  'Meterpreter' behavior was detected",
    entities: [{ kind: "host", role: "victim", foundAt: "x", resourceId: machine }],
    ...changes,
  });
  const when = { source: "defender-for-endpoint" as const, types: ["Malware"], severity: "Low" as const };
  const playbook = { name: "p", summary: "Answers malware", when, steps: [] };

  it("is answered once, whichever product is quicker, and however differently they write and date it", async () => {
    const { receiver, started } = await anIntake({ playbooks: [playbook], at });
    const overXdr = endpoint("defender-for-endpoint-00000000000000000000000000000001");
    const overCloud = endpoint("defender-for-endpoint-00000000000000000000000000000002", {
      family: "arm-2022-01-01",
      title: "suspicious 'Meterpreter' behavior was detected",
      raisedAt: new Date(Date.parse(alert.raisedAt) + 9 * 60_000).toISOString(),
      entities: [{ kind: "host", role: "victim", foundAt: "y", resourceId: machine.toUpperCase() }],
    });

    const first = await takeAlert(overXdr, undefined, receiver);
    const second = await takeAlert(overCloud, undefined, receiver);
    const again = await takeAlert(overXdr, undefined, receiver);

    expect(first.outcome).toBe("accepted");
    expect(second).toEqual({
      outcome: "duplicate",
      reason: `the same finding was taken on as ${overXdr.key}`,
      runId: `respond-${overXdr.key}`,
    });
    expect(again.outcome).toBe("duplicate");
    expect(started.size).toBe(1);
  });

  it("is let go as a false positive under either id", async () => {
    const { receiver } = await anIntake({ playbooks: [playbook], at });
    const one = endpoint("defender-for-endpoint-00000000000000000000000000000001");
    const two = endpoint("defender-for-endpoint-00000000000000000000000000000002", { family: "flat" });
    await takeAlert(one, undefined, receiver);
    await takeAlert(two, undefined, receiver);

    const closing = await takeAlert(
      { ...two, status: "resolved", classification: "false-positive" },
      undefined,
      receiver,
    );

    expect(closing.runId).toBe(`respond-${one.key}`);
    // What contains for the first alert asks for its own key only.
    expect((await receiver.alerts.find(one.key))?.closing?.falsePositive).toBe(true);
  });

  it("is let go of by the run that took it over when the first one's failed", async () => {
    const { receiver, started } = await anIntake({ playbooks: [playbook], at });
    const one = endpoint("defender-for-endpoint-00000000000000000000000000000001");
    const two = endpoint("defender-for-endpoint-00000000000000000000000000000002", { family: "flat" });
    await takeAlert(one, undefined, receiver);
    await takeAlert(two, undefined, receiver);
    started.clear();

    const takenOver = await takeAlert(two, undefined, receiver);

    expect(takenOver).toMatchObject({ outcome: "accepted", runId: `respond-${two.key}` });
    expect((await receiver.alerts.find(two.key))?.runId).toBe(`respond-${two.key}`);
  });

  it.each<[string, Partial<Alert>]>([
    ["another machine", { entities: [{ kind: "host", role: "victim", foundAt: "x", resourceId: `${machine}2` }] }],
    ["another title", { title: "Ransomware was detected" }],
    ["another attacker", { entities: [...endpoint("k").entities, attackerAt("203.0.113.7")] }],
    ["a sample of it", { sample: true }],
    ["two alerts that came the same way", { family: "graph-alert" }],
    ["a quarter of an hour later", { raisedAt: new Date(Date.parse(alert.raisedAt) + 15 * 60_000).toISOString() }],
    [
      "a machine that is no Azure resource",
      { entities: [{ kind: "host", role: "victim", foundAt: "x", name: "web-1" }] },
    ],
    ["a product that has one id for its alerts", { source: "defender-for-identity" }],
  ])("does not take for the same: %s", async (_, changes) => {
    const both: Playbook = { ...playbook, when: { ...playbook.when, source: "defender-for-identity" } };
    const { receiver, started } = await anIntake({ playbooks: [playbook, both], at });
    await takeAlert(endpoint("defender-for-endpoint-00000000000000000000000000000001"), undefined, receiver);

    const other = await takeAlert(
      endpoint("defender-for-endpoint-00000000000000000000000000000002", { family: "flat", ...changes }),
      undefined,
      receiver,
    );

    expect(other.outcome).toBe("accepted");
    expect(started.size).toBe(2);
  });

  it("has no fingerprint when two machines are involved", () => {
    const two = [machine, `${machine}2`].map((resourceId) => ({
      kind: "host" as const,
      role: "victim" as const,
      foundAt: "x",
      resourceId,
    }));

    expect(fingerprint(endpoint("k", { entities: two }))).toBeUndefined();
    expect(fingerprint(endpoint("k"))?.id).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe("an incident", () => {
  const incident = (members: string[]): Alert => ({ ...alert, key: "sentinel-0", incident: true, members });

  it("is no news when all its alerts were taken on", async () => {
    const { receiver, started } = await anIntake({ playbooks: shipped, at });
    await takeAlert(alert, undefined, receiver);

    expect(await takeAlert(incident([alert.key]), undefined, receiver)).toEqual({
      outcome: "duplicate",
      reason: "all 1 alerts of the incident were taken on before",
      runId,
    });
    expect(started.size).toBe(1);
  });

  it("is answered when one of its alerts was not", async () => {
    const { receiver } = await anIntake({ playbooks: shipped, at });
    await takeAlert(alert, undefined, receiver);

    expect((await takeAlert(incident([alert.key, "another"]), undefined, receiver)).outcome).toBe("accepted");
  });

  it("that is a false positive lets go of what its alerts own", async () => {
    const { receiver, ledger, wish, owners } = await anAnsweredAlert();
    await contain(wish, ledger);

    const taken = await takeAlert(
      { ...incident([alert.key, "another"]), status: "resolved", classification: "false-positive" },
      undefined,
      receiver,
    );

    expect(taken.reason).toContain("2 containments are let go");
    expect(await owners()).toEqual([[], []]);
  });
});

it("starts nothing for what a person found to be expected activity", async () => {
  const { receiver, started } = await anIntake({ playbooks: shipped, at });

  expect(await takeAlert({ ...alert, classification: "benign" }, undefined, receiver)).toEqual({
    outcome: "ignored",
    reason: "the product says that what was found is expected activity",
  });
  expect(started.size).toBe(0);
});

describe("an alert that goes on", () => {
  const product = (at: string, changes: Partial<Alert> = {}): Alert => ({ ...alert, updatedAt: at, ...changes });
  const attacker = (address: string) => ({
    kind: "ip" as const,
    role: "attacker" as const,
    foundAt: "x",
    address,
    class: "public" as const,
  });
  const save = ({ runs }: Receiver, saved: Alert) =>
    runs.save({
      id: runId,
      requestedBy: "alert",
      alert: saved,
      decision: { alertKey: alert.key, decidedAt: at, mode: "enforce", passedOver: [], steps: [] },
      plans: [],
      planHash: "0",
      timeline: { detected: at, delivered: at },
      outcomes: [],
    });

  it("is answered again when it names an attacker that it did not name before", async () => {
    const { receiver, started } = await anIntake({ playbooks: shipped, at });
    const first = product(noon, { entities: [] });
    await takeAlert(first, undefined, receiver);
    await save(receiver, first);
    const grown = product(later, { entities: [attacker("203.0.113.9")] });

    const taken = await takeAlert(grown, undefined, receiver);
    const again = await takeAlert(grown, undefined, receiver);

    expect(taken).toMatchObject({ outcome: "accepted", reason: expect.stringContaining("names more than it did") });
    expect(again.outcome).toBe("duplicate");
    expect([...started.keys()]).toEqual([runId, taken.runId]);
  });

  it.each([
    ["the same parties in another order", later, [attacker("203.0.113.2"), attacker("203.0.113.1")]],
    ["fewer parties", later, [attacker("203.0.113.1")]],
    ["an older state that names somebody else", "2026-11-23T11:00:00.000Z", [attacker("203.0.113.3")]],
  ])("is not answered again for %s", async (_, updatedAt, entities) => {
    const { receiver, started } = await anIntake({ playbooks: shipped, at });
    const first = product(noon, { entities: [attacker("203.0.113.1"), attacker("203.0.113.2")] });
    await takeAlert(first, undefined, receiver);
    await save(receiver, first);

    expect((await takeAlert(product(updatedAt, { entities }), undefined, receiver)).outcome).toBe("duplicate");
    expect(started.size).toBe(1);
  });

  it("is answered again when the product opens it again, once for each time that it was closed", async () => {
    const { receiver, started, ledger, wish, owners } = await anAnsweredAlert();
    await contain(wish, ledger);
    await takeAlert(product(noon, { status: "resolved", classification: "false-positive" }), undefined, receiver);
    expect(await owners()).toEqual([[], []]);

    const reopened = await takeAlert(product(later), undefined, receiver);
    const again = await takeAlert(product(later), undefined, receiver);

    expect(reopened).toMatchObject({ outcome: "accepted", reason: expect.stringContaining("opened the alert again") });
    expect(again).toMatchObject({ outcome: "duplicate", runId: reopened.runId });
    expect(started.size).toBe(2);
    await contain({ ...wish, runId: reopened.runId ?? "" }, ledger);
    expect(await owners()).toEqual([[alert.key], [alert.key]]);
  });

  it("is not acted on in an older state when its first delivery failed and the product closed it since", async () => {
    const { receiver, started } = await anIntake({ playbooks: shipped, at });
    const down = { ...receiver.starter, start: () => Promise.reject(new Error("the host is going down")) };
    await expect(takeAlert(product(noon), undefined, { ...receiver, starter: down })).rejects.toThrow("going down");
    await takeAlert(product(later, { status: "resolved" }), undefined, receiver);

    expect((await takeAlert(product(noon), undefined, receiver)).outcome).toBe("ignored");
    expect(started.size).toBe(0);
  });
});
