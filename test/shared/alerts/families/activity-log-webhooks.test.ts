import { describe, expect, it } from "vitest";
import { alertKey } from "../../../../shared/alerts/alert-key.ts";
import { readAlert, readAll } from "../../../../shared/alerts/read-alert.ts";
import { addressesOf, read } from "../../../support/an-alert.ts";

type Json = Record<string, unknown>;

const ticks = "2516049539998765432_6b1f6a52-6a35-4c0a-9f0e-0d7c4a6f2b11";
const correlationId = "7d1f3c52-1111-4222-8333-abcdefabcdef";
const resourceId = (id: string) =>
  `/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-web/providers/Microsoft.Security/locations/westeurope/alerts/${id}`;

/** As Azure Monitor's webhooks hold a record: without the event's name. */
const record = (changes: Json = {}, properties: Json = {}): Json => ({
  channels: "Operation",
  correlationId,
  description: "Failed SSH brute force attack. Attacks were detected from several addresses.",
  eventSource: "Security",
  eventTimestamp: "2026-11-23T09:15:00.607+00:00",
  level: "Informational",
  operationName: "Microsoft.Security/locations/alerts/activate/action",
  properties: {
    attackers: '["IP Address: 203.0.113.7"]',
    severity: "Medium",
    compromisedEntity: "web-1",
    ...properties,
  },
  resourceId: resourceId(ticks),
  status: "Active",
  ...changes,
});
const activityLogAlert = (activityLog: Json) => ({
  schemaId: "Microsoft.Insights/activityLogs",
  data: { status: "Activated", context: { activityLog }, properties: {} },
});
const commonAlert = (alertContext: Json) => ({
  schemaId: "azureMonitorCommonAlertSchema",
  data: { essentials: { alertRule: "r", monitoringService: "Activity Log - Security" }, alertContext },
});

describe("a webhook of Azure Monitor about an alert in the Activity Log", () => {
  it.each([
    ["of an activity log alert", activityLogAlert, "data.context.activityLog"],
    ["of the common alert schema", commonAlert, "data.alertContext"],
  ])("%s is the record that it holds", (_, wrapped, at) => {
    const [first, ...others] = readAll(wrapped(record()));
    const alert = read(wrapped(record()));

    expect(others).toEqual([]);
    expect(first).toMatchObject({ at, family: "Activity Log record" });
    expect(alert).toMatchObject({
      key: alertKey("defender-for-cloud", ticks),
      type: "Failed SSH brute force attack",
      title: "Failed SSH brute force attack",
      severity: "Medium",
      status: "new",
      references: { armId: resourceId(ticks) },
      notes: [],
    });
    expect(addressesOf(alert, "attacker")).toEqual(["203.0.113.7"]);
  });

  it("about another operation is no alert, and nobody is troubled", () => {
    const other = record({ operationName: "Microsoft.Compute/virtualMachines/restart/action" });

    expect(readAlert(activityLogAlert(other))).toEqual({ ignored: expect.stringContaining("Activity Log") });
  });
});

describe("a record of the Activity Log without the event's name", () => {
  it("is called what its properties call it, before its description", () => {
    expect(read(record({}, { alertDisplayName: "A crypto miner" })).type).toBe("A crypto miner");
  });

  it("has a type of its own, and a note, where there are no words for it", () => {
    const alert = read(record({ description: undefined }));

    expect(alert.type).toBe("ActivityLogAlert");
    expect(alert.notes).toEqual([expect.stringContaining("eventName")]);
  });

  it.each(["Suspicious outgoing SSH network activity", "Possible outgoing denial-of-service attack detected"])(
    "says by them that the attack goes out: %s",
    (description) => {
      const alert = read(record({ description: `${description}. More.` }, { "Victim IP": "198.51.100.9" }));

      expect(addressesOf(alert, "attacker")).toEqual([]);
      expect(addressesOf(alert, "victim")).toEqual(["203.0.113.7"]);
      expect(addressesOf(alert, "context")).toEqual(["198.51.100.9"]);
    },
  );

  it("only by how they begin", () => {
    const alert = read(record({ description: "No suspicious outgoing traffic was seen" }));

    expect(addressesOf(alert, "attacker")).toEqual(["203.0.113.7"]);
  });
});

describe("the id of an alert in the Activity Log", () => {
  it.each([
    ["ticks and a GUID", resourceId(ticks), ticks],
    ["capitals", resourceId(ticks).toUpperCase(), ticks],
    ["a GUID", resourceId("6b1f6a52-6a35-4c0a-9f0e-0d7c4a6f2b11"), "6b1f6a52-6a35-4c0a-9f0e-0d7c4a6f2b11"],
    ["another id in its place", resourceId("Sec-07f2-4d74"), correlationId],
    ["an id of something else", resourceId(ticks).replace("/alerts/", "/tasks/"), correlationId],
    ["no resource", undefined, correlationId],
  ])("stands at the end of the resource's id: %s", (_, id, expected) => {
    expect(read(record({ resourceId: id })).key).toBe(alertKey("defender-for-cloud", expected));
  });
});

describe("a record that a diagnostic setting sends to an Event Hub", () => {
  const sent = {
    time: "2026-11-23T09:15:00.6179339Z",
    resourceId: resourceId(ticks).toUpperCase(),
    operationName: "MICROSOFT.SECURITY/LOCATIONS/ALERTS/ACTIVATE/ACTION",
    category: "Security",
    resultType: "Active",
    resultSignature: "Active.",
    correlationId,
    level: "Informational",
    properties: { eventName: "A crypto miner", severity: "High" },
  };

  it("has other names for time, event and status", () => {
    expect(read({ records: [sent] })).toMatchObject({
      key: alertKey("defender-for-cloud", ticks),
      type: "A crypto miner",
      severity: "High",
      status: "new",
      raisedAt: "2026-11-23T09:15:00.617Z",
    });
    expect(read({ records: [{ ...sent, resultType: "Resolved" }] }).status).toBe("resolved");
  });

  it.each<[string, Json]>([
    ["of another operation", { ...sent, operationName: "MICROSOFT.INSIGHTS/ACTIVITYLOGALERTS/ACTIVATED/ACTION" }],
    ["of a risk that Entra saw", { category: "UserRiskEvents", operationName: "User Risk Detection", properties: {} }],
  ])("is no alert, and nobody is troubled: %s", (_, payload) => {
    expect(readAlert({ records: [payload] })).toEqual({ ignored: expect.stringContaining("no alert") });
  });

  it("that names an operation and nothing else is still of no known shape", () => {
    expect(readAlert({ operationName: "Microsoft.Compute/virtualMachines/restart/action" })).toMatchObject({
      unknownShape: true,
    });
  });
});
