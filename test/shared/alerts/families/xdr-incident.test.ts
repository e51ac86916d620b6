import { describe, expect, it } from "vitest";
import { alertKey } from "../../../../shared/alerts/alert-key.ts";
import type { Json } from "../../../../shared/alerts/fields.ts";
import { readAll } from "../../../../shared/alerts/read-alert.ts";

const machineId = "0123456789abcdef0123456789abcdef01234567";
const objectId = "7d1f3c52-1111-4222-8333-abcdefabcdef";
const alert: Json = {
  alertId: "ca0c1d2e3f-1111-4222-8333-444455556666",
  incidentId: 815,
  serviceSource: "MicrosoftCloudAppSecurity",
  creationTime: "2026-11-20T08:05:00.1234567Z",
  lastUpdatedTime: "2026-11-20T09:00:00Z",
  firstActivity: "2026-11-20T08:00:00Z",
  title: "Ransomware activity",
  description: "Alice changed 99 files.",
  category: "Impact",
  status: "New",
  severity: "High",
  classification: null,
  detectionSource: "MCAS",
  mitreTechniques: ["T1486"],
  devices: [],
  entities: [
    { entityType: "User", accountName: "alice", aadUserId: objectId, ipAddress: null },
    { entityType: "Ip", ipAddress: "203.0.113.7" },
  ],
};
const incident = (...alerts: unknown[]): Json => ({
  incidentId: 815,
  incidentName: "Ransomware",
  status: "Active",
  alerts,
});
const alertsOf = (body: unknown) => readAll(body).map(({ reading }) => ("alert" in reading ? reading.alert : reading));

describe("an incident of Defender XDR", () => {
  it("is as many alerts as lie in it", () => {
    const other = { ...alert, alertId: "da637000000000000000_1", serviceSource: "MicrosoftDefenderATP", entities: [] };
    const body = {
      "@odata.context": "https://api.security.microsoft.com/api/$metadata#Incidents",
      value: [incident(alert, other)],
    };

    expect(alertsOf(body)).toMatchObject([
      {
        key: alertKey("defender-for-cloud-apps", "0c1d2e3f-1111-4222-8333-444455556666"),
        source: "defender-for-cloud-apps",
        family: "xdr-incident",
        productId: "ca0c1d2e3f-1111-4222-8333-444455556666",
        type: "Impact",
        title: "Ransomware activity",
        severity: "High",
        status: "new",
        tactics: ["Impact"],
        techniques: ["T1486"],
        raisedAt: "2026-11-20T08:00:00.000Z",
        updatedAt: "2026-11-20T09:00:00.000Z",
        references: { incidentId: "815" },
        entities: [
          { kind: "user", role: "victim", foundAt: "value[0].alerts[0].entities[0]", objectId, name: "alice" },
          { kind: "ip", role: "attacker", foundAt: "value[0].alerts[0].entities[1].ipAddress" },
        ],
        notes: [],
      },
      { source: "defender-for-endpoint", productId: "da637000000000000000_1", entities: [] },
    ]);
  });

  it("keeps the others when one of its alerts cannot be read", () => {
    expect(alertsOf(incident({ ...alert, status: "Vanished" }, null, alert))).toMatchObject([
      { refused: expect.stringContaining("alerts[0].status") },
      { refused: expect.stringContaining("alerts[1]") },
      { family: "xdr-incident" },
    ]);
  });

  it("has the same key as Graph's alert where it tells the provider's id", () => {
    expect(alertsOf(incident({ ...alert, providerAlertId: "abc" }))).toMatchObject([
      { key: alertKey("defender-for-cloud-apps", "abc"), productId: "abc" },
    ]);
  });

  it.each([
    ["Active", "inProgress"],
    ["InProgress", "inProgress"],
    ["Resolved", "resolved"],
  ])("has alerts of status %s that are %s", (status, expected) => {
    expect(alertsOf(incident({ ...alert, status }))).toMatchObject([{ status: expected }]);
  });

  it.each([
    ["OfficeATP", "defender-for-office-365"],
    ["AzureATP", "defender-for-identity"],
    ["AADIdentityProtection", "entra-id-protection"],
    ["MicrosoftThreatProtection", "defender-xdr"],
    ["MicrosoftDefenderForEndpoint", "defender-for-endpoint"],
    ["ContosoSensor", "other"],
  ])("has alerts by %s that are of %s", (serviceSource, source) => {
    expect(alertsOf(incident({ ...alert, serviceSource, detectionSource: null }))).toMatchObject([{ source }]);
  });

  it("names the devices with the ids of their services, and no address of theirs is an attacker's", () => {
    const device = {
      mdatpDeviceId: machineId,
      aadDeviceId: objectId,
      deviceDnsName: "web-01.contoso.com",
      lastExternalIpAddress: "203.0.113.7",
      vmMetadata: null,
    };

    expect(alertsOf(incident({ ...alert, devices: [device] }))).toMatchObject([
      {
        entities: [
          {
            kind: "host",
            role: "victim",
            foundAt: "alerts[0].devices[0]",
            fqdn: "web-01.contoso.com",
            mdeDeviceId: machineId,
            azureAdDeviceId: objectId,
          },
          { kind: "user" },
          { kind: "ip", role: "victim", address: "203.0.113.7" },
        ],
      },
    ]);
  });

  it("names mailboxes and the recipients of mails", () => {
    const entities = [
      { entityType: "MailBox", mailboxAddress: "bob@contoso.com", userPrincipalName: "bob@contoso.com" },
      { entityType: "MailMessage", sender: "eve@evil.example", recipient: "carol@contoso.com" },
      { entityType: "MailCluster", clusterBy: "Subject" },
      { entityType: "CloudApplication", applicationId: 11161, applicationName: "Exchange" },
    ];

    expect(alertsOf(incident({ ...alert, entities }))).toMatchObject([
      {
        entities: [
          { kind: "mailbox", role: "victim", address: "bob@contoso.com" },
          { kind: "user", role: "victim", upn: "bob@contoso.com" },
          { kind: "mailbox", role: "victim", address: "carol@contoso.com" },
          { kind: "cloud-app", role: "context", cloudAppId: 11161 },
        ],
        notes: ["of no use to a containment, left out: mailcluster 1"],
      },
    ]);
  });

  it("may have been taken apart by a collector", () => {
    const [, ip] = Array.isArray(alert.entities) ? alert.entities : [];
    const event = { ...incident(), alerts: { ...alert, entities: ip } };

    expect(alertsOf(event)).toMatchObject([
      { entities: [{ kind: "ip", role: "attacker", foundAt: "alerts.entities.ipAddress" }] },
    ]);
  });
});
