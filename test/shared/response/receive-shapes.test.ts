import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadPlaybooks } from "../../../shared/playbooks/load-playbooks.ts";
import type { Playbook } from "../../../shared/playbooks/playbook.ts";
import { responders } from "../../../shared/responders/responders.ts";
import { joinStreamAlert } from "../../../shared/response/join-stream.ts";
import { type Receiver, receiveBody, receiveEvent } from "../../../shared/response/receive.ts";
import { receiveBatch } from "../../../shared/response/receive-batch.ts";
import type { Request } from "../../../shared/response/request.ts";
import { aPayload, read } from "../../support/an-alert.ts";
import { anIntake } from "../../support/an-intake.ts";

const at = "2026-11-23T09:30:00.000Z";
const playbooks = await loadPlaybooks(join(import.meta.dirname, "../../../playbooks"), responders);
const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../../local/scenarios/alerts/${name}.json`), "utf8"));
const event = (data: unknown) => ({ id: "e", eventType: "t", subject: "s", eventTime: at, dataVersion: "1", data });
const { key } = read(aPayload());

describe("one body with several alerts", () => {
  it("gives every alert its own line, and starts a run for each that a playbook answers", async () => {
    const { receiver, started, lines } = await anIntake({ playbooks, at });
    const list = {
      value: [aPayload(), aPayload({ SystemAlertId: "another" }), aPayload({ AlertType: "KV_TORAccess" })],
    };

    const intakes = await receiveEvent(event(list), receiver);

    expect(intakes.map(({ eventId, outcome }) => [eventId, outcome])).toEqual([
      ["e value[0]", "accepted"],
      ["e value[1]", "accepted"],
      ["e value[2]", "ignored"],
    ]);
    expect(started.size).toBe(2);
    expect(await lines()).toHaveLength(3);
  });

  it("posted without an envelope is taken the same way, and a second time it is a duplicate", async () => {
    const { receiver } = await anIntake({ playbooks, at });

    const outcomes = [
      await receiveBody(aPayload(), "webhook:key", receiver),
      await receiveBody([aPayload()], "webhook:key", receiver),
    ];

    expect(outcomes.flat().map(({ outcome }) => outcome)).toEqual(["accepted", "duplicate"]);
  });

  it("posted as a batch of CloudEvents is taken event by event, and one that is none does not spoil the others", async () => {
    const { receiver } = await anIntake({ playbooks, at });
    const cloudEvent = (id: string, data: unknown) => ({ specversion: "1.0", id, type: "t", source: "/s", data });

    const intakes = await receiveBody(
      [cloudEvent("1", aPayload()), cloudEvent("2", "{"), cloudEvent("3", 5)],
      "webhook:key",
      receiver,
    );

    expect(intakes.map(({ eventId, outcome }) => [eventId, outcome])).toEqual([
      ["1", "accepted"],
      ["2", "refused"],
      ["3", "refused"],
    ]);
  });
});

describe("what no family knows", () => {
  it("does nothing and tells somebody", async () => {
    const { receiver, started, notices } = await anIntake({ playbooks, at });

    const [intake] = await receiveEvent(event({ brandNew: { shape: 1 }, "<evil>": 2 }), receiver);

    expect(intake).toMatchObject({ outcome: "refused", reason: expect.stringContaining("brandNew, ?evil?") });
    expect(notices).toEqual([
      expect.objectContaining({ text: expect.stringMatching(/cannot read, and did nothing: .*brandNew/) }),
    ]);
    expect(started.size).toBe(0);
  });

  it("is not confused with a known shape that cannot be used, of which nobody is told", async () => {
    const { receiver, notices } = await anIntake({ playbooks, at });

    await receiveEvent(event(aPayload({ SystemAlertId: "" })), receiver);

    expect(notices).toEqual([]);
  });
});

describe("a payload that only points at an alert", () => {
  const thin = (what: string, id: string) => event({ portcullisFetch: { what, id } });
  const armId =
    "/subscriptions/00000000-0000-4000-8000-000000000001/providers/Microsoft.Security/locations/westeurope/alerts/1";

  it("is fetched and taken like any other", async () => {
    const { receiver, started } = await anIntake({ playbooks, at, there: () => ({ payload: aPayload() }) });

    const [intake] = await receiveEvent(thin("arm-alert", armId), receiver);

    expect(intake).toMatchObject({ outcome: "accepted", alertKey: key });
    expect(started.size).toBe(1);
  });

  it("is tried again while it may still be on its way, and refused when it never came", async () => {
    const { receiver, clock } = await anIntake({ playbooks, at });

    await expect(receiveEvent(thin("arm-alert", armId), receiver)).rejects.toThrow("it is not there");
    await clock.advance(6 * 60_000);

    expect(await receiveEvent(thin("arm-alert", armId), receiver)).toMatchObject([
      { outcome: "refused", reason: "it is not there" },
    ]);
  });

  it("that claims to come from the future is refused like any other, and keeps no good one from being taken", async () => {
    const { receiver, started } = await anIntake({ playbooks, at });
    const future = { ...thin("arm-alert", armId), eventTime: "2099-01-01T00:00:00Z" };

    const intakes = await receiveBody([future, event(aPayload())], "webhook: key", receiver);

    expect(intakes.map(({ outcome }) => outcome)).toEqual(["refused", "accepted"]);
    expect(started.size).toBe(1);
  });

  it("that cannot be fetched now is tried again, after every other one in the body was taken", async () => {
    const { receiver, started, lines } = await anIntake({ playbooks, at });

    const body = [
      thin("arm-alert", armId),
      ...Array.from({ length: 20 }, (_, n) => event(aPayload({ SystemAlertId: `${n}` }))),
    ];
    await expect(receiveBody(body, "webhook: key", receiver)).rejects.toThrow("it is not there");

    expect(started.size).toBe(20);
    expect(await lines()).toHaveLength(20);
  });

  it("never leads on to a second one", async () => {
    const there = () => ({ payload: { portcullisFetch: { what: "arm-alert", id: armId } } });
    const { receiver } = await anIntake({ playbooks, at, there });

    expect(await receiveEvent(thin("arm-alert", armId), receiver)).toMatchObject([
      { outcome: "refused", reason: "what was fetched only points on to something else" },
    ]);
  });

  it.each([
    ["https://evil.example/alert", "arm-alert"],
    ["../../users/1", "graph-alert"],
    [armId, "graph-alert"],
  ])("is refused when it points at %s as a %s", async (id, what) => {
    let fetched = 0;
    const there = () => {
      fetched++;
      return { payload: aPayload() };
    };
    const { receiver } = await anIntake({ playbooks, at, there });

    expect(await receiveEvent(thin(what, id), receiver)).toMatchObject([{ outcome: "refused" }]);
    expect(fetched).toBe(0);
  });
});

describe("the XDR stream", () => {
  const malware: Playbook = {
    name: "p",
    summary: "Answers",
    when: { source: "defender-for-endpoint", types: ["InitialAccess"], severity: "Low" },
    steps: [],
  };
  const alertId = "da639000000000000003_1";

  it("is kept record by record until the window is over, and then answered as one alert", async () => {
    const { receiver, started, joins } = await anIntake({ playbooks: [malware], at });

    const { intakes } = await receiveBatch([{ body: fixture("xdr-stream") }], receiver);
    expect(intakes.map(({ outcome }) => outcome)).toEqual(["waiting", "waiting", "waiting", "waiting"]);
    expect([...joins]).toEqual([[alertId, new Date("2026-11-23T09:30:30.000Z")]]);
    expect(started.size).toBe(0);

    expect(await joinStreamAlert(alertId, receiver)).toMatchObject({ outcome: "accepted" });
    const [request] = [...started.values()];
    expect(request?.alert.entities.map(({ kind, role }) => `${role} ${kind}`)).toEqual(
      expect.arrayContaining(["victim host", "attacker ip", "victim user"]),
    );
  });

  it("is put together again for a record that comes later, and answered again if that names somebody new", async () => {
    const { receiver, started, clock, joins } = await anIntake({ playbooks: [malware], at });
    const { records } = fixture("xdr-stream") as { records: unknown[] };
    await receiveBatch([{ body: { records: records.slice(0, 2) } }], receiver);
    await joinStreamAlert(alertId, receiver);
    await answered(receiver, started);
    await clock.advance(5 * 60_000);

    const { intakes } = await receiveBatch([{ body: { records: records.slice(2) } }], receiver);
    const again = await joinStreamAlert(alertId, receiver);
    const third = await joinStreamAlert(alertId, receiver);

    expect(intakes.map(({ outcome }) => outcome)).toEqual(["waiting", "waiting"]);
    expect(joins.get(alertId)?.toISOString()).toBe("2026-11-23T09:30:30.000Z");
    expect(again).toMatchObject({
      outcome: "accepted",
      reason: expect.stringContaining("names more than it did before"),
    });
    expect(third.outcome).toBe("duplicate");
    expect(started.size).toBe(2);
  });

  it("is not held up by a record that no row can hold", async () => {
    const { receiver } = await anIntake({ playbooks: [malware], at });
    const record = (fixture("xdr-stream") as { records: { properties: object }[] }).records[1];
    const deep: unknown = JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`);
    const bomb = { ...record, properties: { ...record?.properties, AdditionalFields: deep } };

    const { intakes } = await receiveBatch([{ body: bomb }, { body: aPayload() }], receiver);

    expect(intakes.map(({ outcome }) => outcome)).toEqual(["refused", "ignored"]);
    expect(intakes[0]?.reason).toMatch(/cannot be kept: .*nested too deep/);
  });
});

/** What assess records of a run. */
async function answered({ runs }: Receiver, started: ReadonlyMap<string, Request>): Promise<void> {
  for (const { runId, alert } of started.values()) {
    await runs.save({
      id: runId,
      requestedBy: "alert",
      alert,
      decision: { alertKey: alert.key, decidedAt: at, mode: "enforce", passedOver: [], steps: [] },
      plans: [],
      planHash: "0",
      timeline: { detected: at, delivered: at },
      outcomes: [],
    });
  }
}

describe("one finding of Defender for Endpoint on an Azure machine", () => {
  const machine =
    "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachines/pay-7";
  const title = "Ransomware behavior in the file system";
  const name = "2516049539998765440_6a7b8c9d-0e1f-4a2b-8c3d-4e5f6a7b8c9d";
  const throughCloud = {
    id: `${machine.slice(0, machine.indexOf("/providers"))}/providers/Microsoft.Security/locations/westeurope/alerts/${name}`,
    name,
    type: "Microsoft.Security/Locations/alerts",
    properties: {
      alertType: "Ransomware",
      systemAlertId: name,
      productName: "Microsoft Defender for Endpoint",
      vendorName: "Microsoft",
      alertDisplayName: title,
      severity: "High",
      status: "Active",
      startTimeUtc: "2026-11-23T05:59:30.1Z",
      entities: [{ hostName: "PAY-7", azureID: machine.toUpperCase(), type: "host" }],
    },
  };
  const answers: Playbook = {
    name: "p",
    summary: "Answers",
    when: { source: "defender-for-endpoint", types: ["Ransomware"], severity: "Low" },
    steps: [],
  };

  const throughXdr = (fixture("graph-ransomware") as { value: [{ evidence: unknown[] }] }).value[0];
  const withoutAddresses = { ...throughXdr, evidence: throughXdr.evidence.slice(0, 1) };

  it("is answered again where the second way accuses somebody whom the first did not", async () => {
    const { receiver, started } = await anIntake({ playbooks: [answers], at });

    await receiveBody(throughCloud, "webhook: key", receiver);
    await receiveBody(throughXdr, "poller: graph", receiver);

    expect(started.size).toBe(2);
  });

  it.each([
    ["Defender for Cloud first", [throughCloud, withoutAddresses]],
    ["XDR first", [throughXdr, throughCloud]],
  ])("is answered once though it comes under two ids: %s", async (_, payloads) => {
    const { receiver, started } = await anIntake({ playbooks: [answers], at });

    const outcomes = [];
    for (const payload of payloads) outcomes.push(...(await receiveBody(payload, "webhook: key", receiver)));

    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["accepted", "duplicate"]);
    expect(outcomes[1]?.runId).toBe(outcomes[0]?.runId);
    expect(started.size).toBe(1);
  });
});

describe("a batch of continuous export", () => {
  it("gives its alerts, and counts what is none, in one line", async () => {
    const { receiver, started, lines } = await anIntake({ playbooks, at });
    const mixed = fixture("continuous-export-with-assessments");

    const { intakes, dropped } = await receiveBatch(
      [mixed, mixed, JSON.stringify(mixed)].map((body) => ({ body })),
      receiver,
    );

    expect(intakes.map(({ outcome }) => outcome).sort()).toEqual(["accepted", "duplicate", "duplicate"]);
    expect(Object.values(dropped)).toEqual([3]);
    expect(started.size).toBe(1);
    const written = await lines();
    expect(written).toHaveLength(4);
    expect(written.filter(({ reason }) => /^3 × .*assessment/.test(String(reason)))).toHaveLength(1);
  });

  it("tells a reopened alert from an older state by when the hub took it, however the hub writes that", async () => {
    const { receiver, started } = await anIntake({ playbooks, at });
    const closed = { body: aPayload({ Status: "Dismissed" }), enqueuedAt: "2026-11-23T09:30:00.5Z" };
    const older = { body: aPayload(), enqueuedAt: "2026-11-23T09:30:00.4990000Z" };
    const newer = { body: aPayload(), enqueuedAt: "2026-11-23T09:30:00.5010000+00:00" };

    const outcomes = [];
    for (const message of [closed, older, newer])
      outcomes.push(...(await receiveBatch([message], receiver)).intakes.map(({ outcome }) => outcome));

    expect(outcomes).toEqual(["ignored", "ignored", "accepted"]);
    expect(started.size).toBe(1);
  });

  it("writes nothing of a batch that holds nothing", async () => {
    const { receiver, lines } = await anIntake({ playbooks, at });

    expect(await receiveBatch([], receiver)).toEqual({ intakes: [], dropped: {} });
    expect(await lines()).toEqual([]);
  });
});
