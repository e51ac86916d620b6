import { describe, expect, it } from "vitest";
import { alertKey } from "../../../../shared/alerts/alert-key.ts";
import { readAlert } from "../../../../shared/alerts/read-alert.ts";
import { read, rekey } from "../../../support/an-alert.ts";

type Json = Record<string, unknown>;

const id = "2516049539998765432_6b1f6a52-6a35-4c0a-9f0e-0d7c4a6f2b11";
const resourceId = `/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-web/providers/Microsoft.Security/locations/westeurope/alerts/${id}`;
const both = (value: string) => ({ value, localizedValue: `${value} (localised)` });

const aRecord = (properties: Json = {}, changes: Json = {}): Json => ({
  channels: "Operation",
  correlationId: id,
  description: "A new binding to the cluster-admin role was made.",
  eventDataId: id,
  eventName: both("Role binding to the cluster-admin role detected"),
  category: both("Security"),
  eventTimestamp: "2026-11-23T09:15:00.801035Z",
  level: "Informational",
  operationName: both("Microsoft.Security/locations/alerts/activate/action"),
  resourceId,
  status: both("Active"),
  submissionTimestamp: "2026-11-23T09:30:00.5507487Z",
  properties: {
    username: "masterclient",
    "attacker IP Address": "203.0.113.7",
    severity: "Low",
    intent: '["Persistence","PrivilegeEscalation"]',
    compromisedEntity: "aks-shop",
    remediationSteps: '["Review the user."]',
    ...properties,
  },
  ...changes,
});

describe("a record of the Activity Log", () => {
  it("is read out of its properties", () => {
    expect(read(aRecord())).toEqual({
      key: alertKey("defender-for-cloud", id),
      source: "defender-for-cloud",
      family: "activity-log",
      productId: id,
      type: "Role binding to the cluster-admin role detected",
      title: "Role binding to the cluster-admin role detected",
      description: "A new binding to the cluster-admin role was made.",
      severity: "Low",
      status: "new",
      sample: false,
      incident: false,
      members: [],
      tactics: ["Persistence", "PrivilegeEscalation"],
      techniques: [],
      raisedAt: "2026-11-23T09:15:00.801Z",
      references: { armId: resourceId },
      entities: [
        {
          kind: "ip",
          role: "attacker",
          address: "203.0.113.7",
          class: "documentation",
          foundAt: 'properties["attacker IP Address"]',
        },
      ],
      notes: [],
    });
  });

  it("has the key that the alert has over every other path", () => {
    expect(read(aRecord()).key).toBe(alertKey("defender-for-cloud", id));
  });

  it.each([
    ["small letters", (key: string) => key.toLowerCase()],
    ["capitals", (key: string) => key.toUpperCase()],
  ])("is the same with its keys in %s", (_, spell) => {
    const { entities, ...alert } = read(rekey(aRecord(), spell));
    const { entities: expected, ...rest } = read(aRecord());

    expect(alert).toEqual(rest);
    expect(entities).toMatchObject(expected.map(({ foundAt: _foundAt, ...entity }) => entity));
  });

  it("may give its operation, event and status as mere texts, and its properties as JSON in a string", () => {
    const plain = {
      operationName: "MICROSOFT.SECURITY/LOCATIONS/ALERTS/ACTIVATE/ACTION",
      eventName: "Role binding to the cluster-admin role detected",
      status: "Active",
      properties: JSON.stringify(aRecord().properties),
    };

    expect(read(aRecord({}, plain))).toEqual(read(aRecord()));
  });

  it("goes by the alert's severity, not by the record's level", () => {
    expect(readAlert(aRecord({ severity: undefined }))).toEqual({
      refused: expect.stringContaining("properties.severity"),
    });
  });

  it.each([
    ["correlationId", { correlationId: "", resourceId: "" }],
    ["eventTimestamp", { eventTimestamp: "today", submissionTimestamp: null }],
    ["status", { status: both("Accepted") }],
  ])("without a usable %s is refused by that name", (named, changes) => {
    expect(readAlert(aRecord({}, changes))).toEqual({ refused: expect.stringContaining(named) });
  });

  it("names what was attacked only where that is an id", () => {
    const cluster =
      "/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks-shop";

    expect(read(aRecord({ compromisedEntity: cluster })).entities).toContainEqual({
      kind: "azure-resource",
      role: "victim",
      resourceId: cluster,
      foundAt: "properties.compromisedEntity",
    });
  });

  it("of a sample says so in the event's name", () => {
    expect(read(aRecord({}, { eventName: both("[SAMPLE ALERT] Role binding") })).sample).toBe(true);
  });

  it("of another operation is none of ours", () => {
    const other = aRecord({}, { operationName: both("Microsoft.Security/locations/alerts/dismiss/action") });

    expect("alert" in readAlert(other)).toBe(false);
  });
});
