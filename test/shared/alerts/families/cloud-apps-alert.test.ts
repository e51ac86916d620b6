import { describe, expect, it } from "vitest";
import { Alert } from "../../../../shared/alerts/alert.ts";
import { alertKey } from "../../../../shared/alerts/alert-key.ts";
import { isCloudAppsAlert, readCloudAppsAlert } from "../../../../shared/alerts/families/cloud-apps-alert.ts";

type Json = Record<string, unknown>;

const objectId = "7d1f3c52-1111-4222-8333-abcdefabcdef";
const payload: Json = {
  _id: "65f0aa11bb22cc33dd44ee55",
  idValue: 15859712,
  contextId: "00000000-0000-4000-8000-000000000001",
  title: "Impossible travel activity",
  description:
    "Alice was active from 192.0.2.9 (T9999 is no technique). Valid accounts (T1078) and cloud accounts (T1078.004)",
  severityValue: 1,
  statusValue: 0,
  resolutionStatusValue: 0,
  stories: [0],
  intent: [2, 6, 0, 99, "7"],
  timestamp: 1795425300123,
  URL: "https://contoso.portal.cloudappsecurity.com/#/alerts/65f0aa11bb22cc33dd44ee55",
  resolveTime: "2026-11-20T00:00:00Z",
  entities: [],
};

function alertOf(changes: Json = {}): Alert {
  const reading = readCloudAppsAlert({ ...payload, ...changes }, "");
  if (!("alert" in reading)) throw new Error(JSON.stringify(reading));
  expect(Alert.parse(reading.alert)).toEqual(reading.alert);
  return reading.alert;
}
const entitiesOf = (...entities: unknown[]) => alertOf({ entities }).entities;

it("says what is known of it", () => {
  expect(isCloudAppsAlert(payload)).toBe(true);
  expect(alertOf()).toEqual({
    key: alertKey("defender-for-cloud-apps", "65f0aa11bb22cc33dd44ee55"),
    source: "defender-for-cloud-apps",
    family: "cloud-apps-alert",
    productId: "65f0aa11bb22cc33dd44ee55",
    type: "15859712",
    title: "Impossible travel activity",
    description: payload.description,
    severity: "Medium",
    status: "new",
    sample: false,
    incident: false,
    members: [],
    tactics: ["InitialAccess", "CredentialAccess"],
    techniques: [],
    raisedAt: "2026-11-23T09:15:00.123Z",
    references: { portal: payload.URL },
    entities: [],
    notes: [],
  });
});

it("stays an alert of Cloud Apps when Defender for Identity has found it", () => {
  expect(alertOf({ policy: { label: "Honeytoken activity", policyType: "MDI" } }).source).toBe(
    "defender-for-cloud-apps",
  );
});

it.each([
  [0, "Low"],
  [1, "Medium"],
  [2, "High"],
  [3, "Informational"],
  ["2", "High"],
])("counts severity %j as %s", (severityValue, severity) => {
  expect(alertOf({ severityValue }).severity).toBe(severity);
});

it.each([
  [undefined, "new", undefined],
  [0, "new", undefined],
  [1, "dismissed", undefined],
  [2, "resolved", undefined],
  [3, "resolved", "false-positive"],
  [4, "resolved", "benign"],
  [5, "resolved", "true-positive"],
])("takes resolution %j as %s, %s", (resolutionStatusValue, status, classification) => {
  const alert = alertOf({ resolutionStatusValue });

  expect([alert.status, alert.classification]).toEqual([status, classification]);
  // A time of resolution left over from before it was opened again is none.
  expect(alert.updatedAt).toBe(status === "new" ? undefined : "2026-11-20T00:00:00.000Z");
});

it.each<[string, unknown]>([
  ["_id", "null"],
  ["idValue", undefined],
  ["severityValue", 4],
  ["severityValue", -1],
  ["severityValue", 0.5],
  ["resolutionStatusValue", 6],
  ["timestamp", "yesterday"],
  ["timestamp", 0],
  ["timestamp", 1e18],
])("is refused when %s is %j", (name, value) => {
  expect(readCloudAppsAlert({ ...payload, [name]: value }, "data[0]")).toEqual({
    refused: expect.stringContaining(`data[0].${name}`),
  });
});

describe("whose an entity is", () => {
  it("an account that acted is the attacker's, one without a role the victim's, a related one neither", () => {
    const account = (entityRole?: string) => ({
      type: "account",
      id: objectId,
      pa: "alice@contoso.com",
      label: "Alice",
      entityRole,
    });

    expect(entitiesOf(account("Source"))).toMatchObject([{ kind: "user", role: "attacker" }]);
    expect(entitiesOf(account())).toMatchObject([{ kind: "user", role: "victim" }]);
    expect(entitiesOf(account("Related"))).toMatchObject([{ kind: "user", role: "context" }]);
    expect(entitiesOf(account("Target"))).toMatchObject([{ kind: "user", role: "context" }]);
  });

  it("a device that acted is a victim, for somebody else acts through it", () => {
    const device = (entityRole: string) => ({ type: "device", id: objectId, label: "CLIENT7", entityRole });

    expect(entitiesOf(device("Source"), device("Related"))).toMatchObject([
      { kind: "host", role: "victim", name: "CLIENT7" },
    ]);
    expect(entitiesOf(device("Related"))).toMatchObject([{ kind: "host", role: "context" }]);
  });

  it("an address is the attacker's where nothing else names one", () => {
    expect(entitiesOf({ type: "ip", id: "203.0.113.7", label: "203.0.113.7" })).toMatchObject([
      { kind: "ip", role: "attacker", address: "203.0.113.7", foundAt: "entities[0].id" },
    ]);
    expect(
      entitiesOf({ type: "ip", id: "203.0.113.7" }, { type: "ip", address: "203.0.113.8", entityRole: "Source" }),
    ).toMatchObject([
      { role: "attacker", address: "203.0.113.8", foundAt: "entities[1].address" },
      { role: "context", address: "203.0.113.7" },
    ]);
    expect(entitiesOf({ type: "ip", id: "203.0.113.7", entityRole: "Related" })).toMatchObject([{ role: "context" }]);
  });
});

describe("no id is taken for another", () => {
  it.each([
    ["an object id", { id: objectId.toUpperCase(), pa: "alice@contoso.com" }, { objectId, upn: "alice@contoso.com" }],
    ["a user principal name", { id: "alice@contoso.com" }, { upn: "alice@contoso.com" }],
    ["a pair of Cloud Apps", { id: "11161|0|alice", label: "alice" }, { name: "alice" }],
    ["zeros", { id: "00000000-0000-0000-0000-000000000000", pa: "alice@contoso.com" }, { upn: "alice@contoso.com" }],
  ])("an account under %s", (_, account, known) => {
    expect(entitiesOf({ type: "account", ...account })).toEqual([
      { kind: "user", role: "victim", foundAt: "entities[0]", ...known },
    ]);
  });

  it("a device's id is Cloud Apps' own, so that its name is all that counts", () => {
    expect(entitiesOf({ type: "device", id: objectId, label: "DC1.Contoso.com" })).toEqual([
      { kind: "host", role: "victim", foundAt: "entities[0]", name: "DC1", fqdn: "dc1.contoso.com" },
    ]);
  });

  it("a service's number is that of a cloud app, and no GUID is", () => {
    expect(
      entitiesOf({ type: "service", id: 11161, label: "Microsoft 365" }, { type: "service", id: objectId }),
    ).toEqual([
      { kind: "cloud-app", role: "context", foundAt: "entities[0]", cloudAppId: 11161, name: "Microsoft 365" },
    ]);
    expect(entitiesOf({ type: "service", id: "11161" })).toMatchObject([{ cloudAppId: 11161 }]);
  });

  it("what helps no containment is counted and left out", () => {
    const alert = alertOf({
      entities: [
        { type: "policyRule", id: "1" },
        { type: "groupTag", id: "2" },
        { type: "oauthApp", id: objectId },
      ],
    });

    expect(alert.entities).toEqual([]);
    expect(alert.notes.join()).toMatch(/policyrule 1, grouptag 1, oauthapp 1/);
  });
});

it.each([
  ["the word null", { entities: "null", intent: "null", description: "null", URL: "null" }],
  ["strange lists", { entities: [null, 7, [], "ip", {}], intent: [[], {}, null], URL: { a: 1 } }],
])("reads %s as nothing", (_, changes) => {
  expect(alertOf(changes)).toMatchObject({ entities: [], tactics: [], references: {} });
});

it.each([
  "https://contoso.example/alerts/1",
  "javascript:alert(1)",
  "https://cloudappsecurity.com.contoso.example/",
  "https://x@security.microsoft.com/",
])("shows no link to %s", (URL) => {
  expect(alertOf({ URL }).references).toEqual({});
});
