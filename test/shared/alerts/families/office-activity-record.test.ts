import { expect, it } from "vitest";
import { Alert } from "../../../../shared/alerts/alert.ts";
import { alertKey } from "../../../../shared/alerts/alert-key.ts";
import {
  isOfficeActivityRecord,
  readOfficeActivityRecord,
} from "../../../../shared/alerts/families/office-activity-record.ts";

type Json = Record<string, unknown>;

const id = "65f0aa11bb22cc33dd44ee55";
const record: Json = {
  CreationTime: "2026-11-23T09:15:00",
  Id: "0a1b2c3d-0000-4000-8000-000000000001",
  Operation: "MCAS_ALERT_ANUBIS_DETECTION_VELOCITY",
  OrganizationId: "00000000-0000-4000-8000-000000000001",
  RecordType: 98,
  Workload: "MCAS",
  ObjectId: id,
  UserId: "alice@contoso.com",
  AlertSeverity: "Medium",
  AlertUri: `https://contoso.portal.cloudappsecurity.com/#/alerts/${id}`,
  ClientIPs: ["203.0.113.7", "2001:db8::7"],
};

function alertOf(changes: Json = {}): Alert {
  const reading = readOfficeActivityRecord({ ...record, ...changes }, "");
  if (!("alert" in reading)) throw new Error(JSON.stringify(reading));
  expect(Alert.parse(reading.alert)).toEqual(reading.alert);
  return reading.alert;
}

it("names the callers and the user they were called with", () => {
  expect(isOfficeActivityRecord(record)).toBe(true);
  expect(alertOf()).toMatchObject({
    source: "defender-for-cloud-apps",
    family: "office-activity",
    type: "MCAS_ALERT_ANUBIS_DETECTION_VELOCITY",
    severity: "Medium",
    status: "new",
    raisedAt: "2026-11-23T09:15:00.000Z",
    references: { portal: record.AlertUri },
    entities: [
      { kind: "user", role: "victim", foundAt: "UserId", upn: "alice@contoso.com" },
      { kind: "ip", role: "attacker", foundAt: "ClientIPs[0]", address: "203.0.113.7" },
      { kind: "ip", role: "attacker", foundAt: "ClientIPs[1]", address: "2001:db8::7" },
    ],
    notes: [],
  });
});

it.each([
  ["ObjectId", { AlertUri: undefined }],
  ["the link", { ObjectId: "alice@contoso.com" }],
  [
    "the link into the Defender portal",
    { ObjectId: undefined, AlertUri: `https://security.microsoft.com/alerts/ca${id}` },
  ],
])("has the key of the same alert in Cloud Apps' own API, by %s", (_, changes) => {
  expect(alertOf(changes).key).toBe(alertKey("defender-for-cloud-apps", id));
});

it("goes by whatever ObjectId says where no link helps", () => {
  expect(alertOf({ ObjectId: "alert-7", AlertUri: "https://security.microsoft.com/" }).productId).toBe("alert-7");
});

it.each([
  ["one text", "203.0.113.7", ["203.0.113.7"]],
  ["a comma list", "203.0.113.7:443, 2001:db8::7", ["203.0.113.7", "2001:db8::7"]],
  ["null", null, []],
  ["strange things", [null, 7, {}, "here"], []],
])("reads ClientIPs that are %s", (_, ClientIPs, addresses) => {
  expect(alertOf({ ClientIPs }).entities.flatMap((entity) => (entity.kind === "ip" ? [entity.address] : []))).toEqual(
    addresses,
  );
});

it("takes a user that is an object id for one, and words for nobody", () => {
  const objectId = "7d1f3c52-1111-4222-8333-abcdefabcdef";

  expect(alertOf({ UserId: objectId, ClientIPs: [] }).entities).toMatchObject([{ kind: "user", objectId }]);
  expect(alertOf({ UserId: "NotAvailable", ClientIPs: [] }).entities).toEqual([]);
});

it.each<[string, Json]>([
  ["ObjectId", { ObjectId: null, AlertUri: "-" }],
  ["AlertSeverity", { AlertSeverity: "Severe" }],
  ["AlertSeverity", { AlertSeverity: undefined }],
  ["AlertStatus", { AlertStatus: "Pondering" }],
  ["CreationTime", { CreationTime: "11/23/2026" }],
])("is refused by the name of %s: %j", (name, changes) => {
  expect(readOfficeActivityRecord({ ...record, ...changes }, "")).toEqual({
    refused: expect.stringContaining(name),
  });
});

it.each([{ ...record, Operation: "UserLoggedIn" }, { ...record, Operation: 7 }, {}])("is not %j", (other) => {
  expect(isOfficeActivityRecord(other)).toBe(false);
});
