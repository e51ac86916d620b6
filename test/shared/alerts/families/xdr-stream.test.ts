import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Alert } from "../../../../shared/alerts/alert.ts";
import { alertKey } from "../../../../shared/alerts/alert-key.ts";
import { joinStream } from "../../../../shared/alerts/families/xdr-stream-record.ts";
import type { Json } from "../../../../shared/alerts/fields.ts";
import { readAlert } from "../../../../shared/alerts/read-alert.ts";

const machineId = "0123456789abcdef0123456789abcdef01234567";
const objectId = "7d1f3c52-1111-4222-8333-abcdefabcdef";
const alertId = "da637000000000000000_-12345678";

const record = (table: string, properties: Json): Json => ({
  time: "2026-11-20T08:10:00.7827000Z",
  tenantId: "00000000-0000-4000-8000-000000000001",
  operationName: "Publish",
  category: `AdvancedHunting-${table}`,
  properties: { AlertId: alertId, Timestamp: "2026-11-20 08:00:01.058183200", ...properties },
  Tenant: "DefaultTenant",
});
const info = record("AlertInfo", {
  Timestamp: "2026-11-20T08:00:00.2954051Z",
  Title: "Credentials were read from memory",
  Category: "CredentialAccess",
  Severity: "Medium",
  ServiceSource: "Microsoft Defender for Endpoint",
  DetectionSource: "EDR",
  AttackTechniques: '["LSASS Memory (T1003.001)"]',
});
const evidence = (properties: Json): Json =>
  record("AlertEvidence", {
    EvidenceRole: "Related",
    ServiceSource: "MicrosoftDefenderforEndpoint",
    Title: "Credentials were read from memory",
    Severity: "Low",
    Categories: '["CredentialAccess","Discovery"]',
    AttackTechniques: '["OS Credential Dumping (T1003)","LSASS Memory (T1003.001)"]',
    AdditionalFields: "",
    RemoteIP: null,
    LocalIP: null,
    ...properties,
  });
const machine = evidence({
  EntityType: "Machine",
  EvidenceRole: "Impacted",
  DeviceId: machineId,
  DeviceName: "web-01.contoso.com",
  AdditionalFields: JSON.stringify({
    Type: "host",
    HostName: "web-01",
    IpInterfaces: [{ Address: "203.0.113.20", Type: "ip" }],
    LastExternalIpAddress: { Address: "203.0.113.21", Type: "ip" },
  }),
});
const user = evidence({
  EntityType: "User",
  EvidenceRole: "Impacted",
  AccountName: "alice",
  AccountDomain: "CONTOSO",
  AccountSid: "S-1-5-21-1-2-3-1001",
  AccountObjectId: objectId,
  AccountUpn: "alice@contoso.com",
});
const remote = evidence({ EntityType: "Ip", RemoteIP: "198.51.100.9", LocalIP: "203.0.113.22" });

function join(...records: Json[]): Alert {
  const reading = joinStream(records);
  if (!("alert" in reading)) throw new Error(JSON.stringify(reading));
  expect(Alert.parse(reading.alert)).toEqual(reading.alert);
  return reading.alert;
}
const entitiesOf = (...records: Json[]) => join(...records).entities;

describe("a record of the stream", () => {
  it.each([
    ["AlertInfo", "info", info],
    ["AlertEvidence", "evidence", user],
  ])("of %s is one part of an alert", (_, kind, payload) => {
    expect(readAlert(payload)).toEqual({ part: { alertId, kind, record: payload } });
    expect(readAlert({ records: [payload] })).toHaveProperty("part.kind", kind);
  });

  it("without an AlertId is refused, of another table of alerts ignored", () => {
    expect(readAlert(record("AlertEvidence", { AlertId: null }))).toEqual({
      refused: expect.stringContaining("properties.AlertId"),
    });
    expect(readAlert(record("AlertSomethingNew", {}))).toEqual({
      ignored: expect.stringContaining("category"),
    });
  });
});

describe("an alert joined of its records", () => {
  it("says what all of them say", () => {
    expect(join(info, machine, user, remote)).toEqual({
      key: alertKey("defender-for-endpoint", alertId),
      source: "defender-for-endpoint",
      family: "xdr-stream",
      productId: alertId,
      type: "CredentialAccess",
      title: "Credentials were read from memory",
      description: "",
      severity: "Medium",
      status: "new",
      sample: false,
      incident: false,
      members: [],
      tactics: ["CredentialAccess", "Discovery"],
      techniques: ["T1003", "T1003.001"],
      raisedAt: "2026-11-20T08:00:00.295Z",
      references: {},
      entities: [
        {
          kind: "host",
          role: "victim",
          foundAt: "AlertEvidence[1]",
          name: "web-01",
          fqdn: "web-01.contoso.com",
          mdeDeviceId: machineId,
        },
        {
          kind: "user",
          role: "victim",
          foundAt: "AlertEvidence[2]",
          objectId,
          upn: "alice@contoso.com",
          name: "alice",
          domain: "CONTOSO",
          sid: "S-1-5-21-1-2-3-1001",
        },
        expect.objectContaining({ role: "attacker", address: "198.51.100.9", foundAt: "AlertEvidence[0].RemoteIP" }),
        expect.objectContaining({ role: "victim", address: "203.0.113.22", foundAt: "AlertEvidence[0].LocalIP" }),
        expect.objectContaining({ role: "victim", address: "203.0.113.20" }),
        expect.objectContaining({ role: "victim", address: "203.0.113.21" }),
      ],
      notes: [],
    });
  });

  it("is the same in whatever order and number they came", async () => {
    const all = [info, machine, user, remote, { ...info, time: "2026-11-20T08:11:00Z" }];
    const expected = join(info, machine, user, remote);

    await fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), fc.subarray(all), (shuffled, again) => {
        expect(join(...shuffled, ...structuredClone(again))).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it("takes from the evidence what a missing AlertInfo would have said", () => {
    expect(join(user, machine)).toMatchObject({
      type: "CredentialAccess",
      title: "Credentials were read from memory",
      severity: "Low",
      source: "defender-for-endpoint",
      raisedAt: "2026-11-20T08:00:01.058Z",
      notes: [],
    });
  });

  it("of AlertInfo alone names nobody, and says so", () => {
    expect(join(info)).toMatchObject({ entities: [], notes: ["no AlertEvidence has arrived: the alert names nobody"] });
  });

  it("is what the latest of several AlertInfo says, raised when the first was", () => {
    const later = record("AlertInfo", {
      ...(info.properties as Json),
      Timestamp: "2026-11-20T09:00:00Z",
      Severity: "High",
    });

    expect(join(later, info)).toMatchObject({ severity: "High", raisedAt: "2026-11-20T08:00:00.295Z" });
  });

  it("has the key of the same alert in Graph", () => {
    const sentinel = evidence({
      EntityType: "User",
      AccountName: "alice",
      AlertId: `sn${objectId}`,
      ServiceSource: "Microsoft Sentinel",
    });

    expect(join(sentinel)).toMatchObject({ key: alertKey("sentinel", objectId), productId: `sn${objectId}` });
  });

  it("is refused without records, and of two alerts", () => {
    expect(joinStream([])).toEqual({ refused: expect.stringContaining("no AlertInfo") });
    expect(joinStream([info, record("AlertInfo", { AlertId: "another" })])).toEqual({
      refused: expect.stringContaining("2 alerts"),
    });
  });

  it("reads columns that an exporter has already taken apart", () => {
    const properties = {
      Categories: ["Impact"],
      AttackTechniques: ["T1486"],
      AdditionalFields: { Type: "host", HostName: "web-02" },
    };

    expect(join(evidence({ EntityType: "Machine", DeviceName: "", ...properties }))).toMatchObject({
      type: "Impact",
      techniques: ["T1486"],
      entities: [{ kind: "host", role: "context", name: "web-02" }],
    });
  });
});

describe("evidence of the stream", () => {
  it("is a victim where it is impacted and context where it is related, but for addresses", () => {
    expect(entitiesOf(evidence({ EntityType: "User", AccountName: "bob" }))).toMatchObject([{ role: "context" }]);
    expect(
      entitiesOf(evidence({ EntityType: "Ip", EvidenceRole: "Impacted", RemoteIP: "198.51.100.9" })),
    ).toMatchObject([{ kind: "ip", role: "victim" }]);
    expect(entitiesOf(evidence({ EntityType: "Ip", AdditionalFields: '{"Address":"198.51.100.9"}' }))).toMatchObject([
      { kind: "ip", role: "attacker", foundAt: "AlertEvidence[0].AdditionalFields.Address" },
    ]);
  });

  it("never makes an attacker of an address of ours", () => {
    const [own] = ["203.0.113.20"];
    const hidden = evidence({
      EntityType: "Process",
      FileName: "a.exe",
      AdditionalFields: JSON.stringify({
        Type: "process",
        ParentProcess: { ImageFile: { Host: { Type: "host", IpInterfaces: [{ Address: own }] } } },
      }),
    });

    expect(entitiesOf(hidden, evidence({ EntityType: "Ip", RemoteIP: own }))).toContainEqual(
      expect.objectContaining({ kind: "ip", role: "victim", address: own }),
    );
  });

  it("in which no threat was found, or that is an asset, is no attacker", () => {
    const ip = (more: Json) =>
      evidence({ EntityType: "Ip", RemoteIP: "198.51.100.9", AdditionalFields: JSON.stringify(more) });

    expect(entitiesOf(ip({ LastVerdict: "NoThreatsFound" }))).toMatchObject([{ role: "context" }]);
    expect(entitiesOf(ip({ Asset: true }))).toMatchObject([{ role: "victim" }]);
  });

  it("names mailboxes, mails, applications, resources and links", () => {
    const vault = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv";
    const records = [
      evidence({
        EntityType: "Mailbox",
        EvidenceRole: "Impacted",
        AccountUpn: "bob@contoso.com",
        AdditionalFields: '{"MailboxPrimaryAddress":"bob@contoso.com"}',
      }),
      evidence({
        EntityType: "MailMessage",
        AdditionalFields: '{"Recipient":"carol@contoso.com"}',
      }),
      evidence({ EntityType: "CloudApplication", ApplicationId: 11161, Application: "Exchange" }),
      evidence({ EntityType: "OAuthApplication", OAuthApplicationId: objectId, Application: "Sync" }),
      evidence({ EntityType: "CloudResource", EvidenceRole: "Impacted", ResourceID: vault }),
      evidence({ EntityType: "Url", RemoteUrl: "https://evil.example/x" }),
      evidence({ EntityType: "RegistryKey" }),
    ];
    const alert = join(...records);

    expect(alert.entities.map(({ kind, role }) => `${role} ${kind}`).toSorted()).toEqual([
      "context application",
      "context cloud-app",
      "context url",
      "victim azure-resource",
      "victim mailbox",
      "victim mailbox",
      "victim user",
    ]);
    expect(alert.notes).toEqual(["of no use to a containment, left out: registrykey 1"]);
  });

  it.each([
    ["Inbound", "Malicious", "attacker"],
    ["Inbound", "NoThreatsFound", "context"],
    ["Outbound", "Malicious", "context"],
    ["IntraOrg", "Malicious", "context"],
  ])("says from which address a mail came: %s, %s", (AntispamDirection, LastVerdict, role) => {
    const mail = { Recipient: "carol@contoso.com", SenderIP: "203.0.113.25", AntispamDirection, LastVerdict };
    const records = [evidence({ EntityType: "MailMessage", AdditionalFields: JSON.stringify(mail) })];
    const foundAt = "AlertEvidence[0].AdditionalFields.SenderIP";

    expect(join(...records).entities).toContainEqual(
      expect.objectContaining({ kind: "ip", role, address: "203.0.113.25", foundAt }),
    );
    const named = evidence({ EntityType: "Ip", RemoteIP: "198.51.100.9" });
    expect(join(...records, named).entities).toContainEqual(
      expect.objectContaining({ role: "context", address: "203.0.113.25" }),
    );
  });

  it("does not take 32 digits for an id of Defender for Endpoint", () => {
    const alert = join(evidence({ EntityType: "Machine", DeviceId: machineId.slice(8), DeviceName: "web-01" }));

    expect(alert.entities).toEqual([{ kind: "host", role: "context", foundAt: "AlertEvidence[0]", name: "web-01" }]);
    expect(alert.notes).toEqual([expect.stringContaining("AlertEvidence[0].DeviceId")]);
  });

  it("tells the machine that a file was seen on, once, unless the machine is told itself", () => {
    const file = evidence({ EntityType: "File", FileName: "a.exe", DeviceId: machineId, DeviceName: "web-01" });

    expect(entitiesOf(file)).toMatchObject([{ kind: "file" }, { kind: "host", role: "context" }]);
    expect(entitiesOf(file, machine).filter(({ kind }) => kind === "host")).toMatchObject([{ role: "victim" }]);
  });

  it("of any form is read without an error", async () => {
    const names = Object.keys(user.properties as Json);
    await fc.assert(
      fc.property(fc.array(fc.dictionary(fc.constantFrom(...names), fc.jsonValue()), { maxLength: 4 }), (changes) => {
        joinStream([info, ...changes.map((change) => evidence({ EntityType: "Machine", ...change }))]);
      }),
      { numRuns: 300 },
    );
  });
});
