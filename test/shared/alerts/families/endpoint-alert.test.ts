import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Alert } from "../../../../shared/alerts/alert.ts";
import { alertKey } from "../../../../shared/alerts/alert-key.ts";
import { isEndpointAlert, readEndpointAlert } from "../../../../shared/alerts/families/endpoint-alert.ts";
import type { Json } from "../../../../shared/alerts/fields.ts";

const machineId = "0123456789abcdef0123456789abcdef01234567";
const objectId = "7d1f3c52-1111-4222-8333-abcdefabcdef";
const payload: Json = {
  id: "da637000000000000000_-12345678",
  incidentId: 815,
  investigationState: "Queued",
  severity: "Medium",
  status: "InProgress",
  classification: "TruePositive",
  detectionSource: "WindowsDefenderAtp",
  category: "CredentialAccess",
  title: "Credentials were read from memory",
  description: "A tool read the memory of lsass.",
  alertCreationTime: "2026-11-20T08:05:00.1234567Z",
  firstEventTime: "2026-11-20T08:00:00.9Z",
  lastUpdateTime: "2026-11-20T09:00:00Z",
  machineId,
  computerDnsName: "Web-01.contoso.com",
  mitreTechniques: ["T1003.001"],
  relatedUser: null,
  evidence: [],
};
/** Every column is there, as the API writes it. */
const record = (fields: Json): Json => ({
  entityType: null,
  sha1: null,
  sha256: null,
  fileName: null,
  filePath: null,
  ipAddress: null,
  url: null,
  accountName: null,
  domainName: null,
  userSid: null,
  aadUserId: null,
  userPrincipalName: null,
  detectionStatus: null,
  ...fields,
});

function alertOf(changes: Json = {}): Alert {
  const reading = readEndpointAlert({ ...payload, ...changes }, "");
  if (!("alert" in reading)) throw new Error(JSON.stringify(reading));
  expect(Alert.parse(reading.alert)).toEqual(reading.alert);
  return reading.alert;
}
const entitiesOf = (...evidence: unknown[]) => alertOf({ evidence, machineId: null, computerDnsName: null }).entities;

describe("an alert of Defender for Endpoint", () => {
  it("says what is known of it", () => {
    expect(alertOf()).toEqual({
      key: alertKey("defender-for-endpoint", "da637000000000000000_-12345678"),
      source: "defender-for-endpoint",
      family: "endpoint-alert",
      productId: "da637000000000000000_-12345678",
      type: "CredentialAccess",
      title: "Credentials were read from memory",
      description: "A tool read the memory of lsass.",
      severity: "Medium",
      status: "inProgress",
      classification: "true-positive",
      sample: false,
      incident: false,
      members: [],
      tactics: ["CredentialAccess"],
      techniques: ["T1003.001"],
      raisedAt: "2026-11-20T08:00:00.900Z",
      updatedAt: "2026-11-20T09:00:00.000Z",
      references: { incidentId: "815" },
      entities: [
        { kind: "host", role: "victim", foundAt: "machineId", fqdn: "web-01.contoso.com", mdeDeviceId: machineId },
      ],
      notes: [],
    });
  });

  it("is not the answer to a machine action", () => {
    expect(isEndpointAlert(payload)).toBe(true);
    expect(isEndpointAlert({ id: "1", type: "Isolate", status: "Pending", machineId })).toBe(false);
  });

  it("of no severity is informational", () => {
    expect(alertOf({ severity: "UnSpecified" }).severity).toBe("Informational");
  });

  it.each([
    ["Unknown", "new"],
    ["New", "new"],
    ["Resolved", "resolved"],
  ])("of status %s is %s", (status, expected) => {
    expect(alertOf({ status }).status).toBe(expected);
  });

  it("does not take another service's id for its machine", () => {
    const alert = alertOf({ machineId: objectId, computerDnsName: "laptop" });

    expect(alert.entities).toEqual([{ kind: "host", role: "victim", foundAt: "machineId", name: "laptop" }]);
    expect(alert.notes).toEqual(["machineId: not a machine id of Defender for Endpoint, ignored"]);
  });

  it("names the related user, for whom there is no id", () => {
    expect(alertOf({ relatedUser: { userName: "alice", domainName: "CONTOSO" } }).entities).toContainEqual({
      kind: "user",
      role: "victim",
      foundAt: "relatedUser",
      name: "alice",
      domain: "CONTOSO",
    });
  });

  it("reads its evidence, record for record", () => {
    const evidence = [
      record({ entityType: "User", accountName: "alice", aadUserId: objectId, userPrincipalName: "alice@contoso.com" }),
      record({ entityType: "Process", fileName: "a.exe", sha1: "aa", accountName: "bob", domainName: "CONTOSO" }),
      record({ entityType: "File", fileName: "b.dll", filePath: "C:\\Temp", sha256: "bb" }),
      record({ entityType: "Ip", ipAddress: "203.0.113.7" }),
      record({ entityType: "Url", url: "https://evil.example/x" }),
    ];

    expect(entitiesOf(...evidence)).toEqual([
      {
        kind: "user",
        role: "victim",
        foundAt: "evidence[0]",
        objectId,
        upn: "alice@contoso.com",
        name: "alice",
      },
      { kind: "file", role: "context", foundAt: "evidence[1]", name: "a.exe", sha1: "aa" },
      { kind: "user", role: "context", foundAt: "evidence[1]", name: "bob", domain: "CONTOSO" },
      { kind: "file", role: "context", foundAt: "evidence[2]", name: "b.dll", directory: "C:\\Temp", sha256: "bb" },
      { kind: "url", role: "context", foundAt: "evidence[4]", url: "https://evil.example/x" },
      {
        kind: "ip",
        role: "attacker",
        foundAt: "evidence[3].ipAddress",
        address: "203.0.113.7",
        class: "documentation",
      },
    ]);
  });

  it("does not take an address for an attacker's in which no threat was found", () => {
    const ip = record({ entityType: "Ip", ipAddress: "203.0.113.7", verdict: "NoThreatsFound" });

    expect(entitiesOf(ip)).toMatchObject([{ kind: "ip", role: "context" }]);
  });

  it("leaves out the machine's own accounts, and records of no use", () => {
    const system = record({ entityType: "User", accountName: "SYSTEM", domainName: "NT AUTHORITY" });
    const alert = alertOf({ evidence: [system, record({ entityType: "RegistryKey" }), "?"] });

    expect(alert.entities).toHaveLength(1);
    expect(alert.notes).toEqual([
      "of no use to a containment, left out: system-account 1, registrykey 1, without a type 1",
    ]);
  });

  it("of 2019 has a list for each kind of evidence", () => {
    const { evidence: _, ...old } = payload;
    const reading = readEndpointAlert(
      {
        ...old,
        computerDnsName: null,
        alertUser: { accountName: "alice", domainName: "CONTOSO" },
        alertFiles: [{ sha1: "aa", fileName: "a.exe" }],
        alertDomains: [{ host: "Evil.example" }],
        alertIps: [{ ipAddress: "203.0.113.7" }],
      },
      "",
    );

    expect(reading).toMatchObject({
      alert: {
        entities: [
          { kind: "host" },
          { kind: "user", role: "victim", foundAt: "alertUser", name: "alice" },
          { kind: "file", role: "context", foundAt: "alertFiles[0]", sha1: "aa" },
          { kind: "domain", role: "context", foundAt: "alertDomains[0]", domain: "evil.example" },
          { kind: "ip", role: "attacker", foundAt: "alertIps[0].ipAddress" },
        ],
      },
    });
  });

  it.each([
    [{ id: null }, "no id in id"],
    [{ status: "Vanished" }, "status is not"],
    [{ firstEventTime: null, alertCreationTime: "yesterday" }, "no time in firstEventTime or alertCreationTime"],
  ])("with %j is refused", (changes, reason) => {
    expect(readEndpointAlert({ ...payload, ...changes }, "")).toEqual({
      refused: expect.stringContaining(reason),
    });
  });

  it("never throws", async () => {
    const names = [...Object.keys(payload), "alertUser", "alertFiles", "alertIps"];
    await fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.jsonValue()), (changes) => {
        readEndpointAlert({ ...payload, ...changes }, "");
      }),
      { numRuns: 300 },
    );
  });
});
