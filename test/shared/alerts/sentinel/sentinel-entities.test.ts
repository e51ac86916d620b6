import { describe, expect, it } from "vitest";
import {
  combined,
  entitiesOf,
  entity,
  memberWith,
  objectId,
  subscription,
} from "../../../support/a-sentinel-incident.ts";

describe("the entities of an incident", () => {
  it("an address is the attacker's unless something else names the attacker or the address as its own", () => {
    const own = entity("Ip", { address: "10.0.0.4" });
    const asked = entity("Ip", { address: "192.0.2.53" });

    expect(
      entitiesOf(
        entity("Ip", { address: "203.0.113.7" }),
        own,
        asked,
        entity("DnsResolution", {
          domainName: "Shop.Contoso.com",
          hostIpAddressEntityId: own.id.toUpperCase(),
          dnsServerIpEntityId: asked.id,
        }),
      ),
    ).toMatchObject([
      { kind: "domain", role: "context", domain: "shop.contoso.com" },
      { role: "attacker", address: "203.0.113.7", foundAt: "entities[0].properties.address" },
      { role: "victim", address: "10.0.0.4" },
      { role: "context", address: "192.0.2.53" },
    ]);
  });

  it("what an alert's own properties name as attacker and victim counts", () => {
    const member = memberWith({ additionalData: { "Attacker IP": "203.0.113.7", "Victim IP": "203.0.113.9" } });
    const addresses = ["203.0.113.7", "203.0.113.8", "203.0.113.9"].map((address) => entity("Ip", { address }));

    expect(combined([member], addresses).entities).toMatchObject([
      { role: "attacker", address: "203.0.113.7", foundAt: 'alerts[0].properties.additionalData["Attacker IP"]' },
      { role: "victim", address: "203.0.113.9" },
      { role: "context", address: "203.0.113.8" },
    ]);
  });

  it.each<[string, string, unknown[]]>([
    ["an attack on a machine", "SQL.VM_BruteForce", [{ kind: "user", role: "victim", objectId }]],
    ["what an identity did to a vault", "KV_ListGetAnomaly", [{ kind: "principal", role: "attacker", objectId }]],
    [
      "what an identity did to resources",
      "Arm_Suspicious_Vault_Recovering",
      [{ kind: "principal", role: "attacker", objectId }],
    ],
  ])("whose an account is depends on the alerts: %s", (_, alertType, expected) => {
    expect(combined([memberWith({ alertType })], [entity("Account", { aadUserId: objectId })]).entities).toMatchObject(
      expected,
    );
  });

  it("an account of mixed alerts is a victim, the cautious reading", () => {
    const members = [memberWith({ alertType: "KV_ListGetAnomaly" }), memberWith()];

    expect(combined(members, [entity("Account", { aadUserId: objectId })]).entities).toMatchObject([
      { role: "victim" },
    ]);
  });

  it("an account with a name is a user", () => {
    const account = {
      accountName: "alice",
      upnSuffix: "contoso.com",
      ntDomain: "CONTOSO",
      aadUserId: objectId,
      sid: "S-1-5-21-7",
    };

    expect(combined([memberWith({ alertType: "KV_UserAnomaly" })], [entity("Account", account)]).entities).toEqual([
      {
        kind: "user",
        role: "attacker",
        foundAt: "entities[0].properties",
        objectId,
        upn: "alice@contoso.com",
        name: "alice",
        domain: "CONTOSO",
        sid: "S-1-5-21-7",
      },
    ]);
  });

  it("a host keeps each id for the service it belongs to, and its own addresses are a victim's", () => {
    const machine = `${subscription}/resourceGroups/rg-shop/providers/Microsoft.Compute/virtualMachines/web1`;
    const host = {
      hostName: "web1",
      dnsDomain: "Contoso.com",
      azureID: machine,
      omsAgentID: objectId,
      additionalData: {
        MdatpDeviceId: "A".repeat(40),
        AadDeviceId: objectId,
        LastExternalIpAddress: { Address: "203.0.113.7", Type: "ip" },
        LastIpAddress: "10.0.0.4",
      },
    };

    expect(entitiesOf(entity("Ip", { address: "203.0.113.7" }), entity("Host", host))).toMatchObject([
      {
        kind: "host",
        role: "victim",
        name: "web1",
        fqdn: "web1.contoso.com",
        resourceId: machine,
        mdeDeviceId: "a".repeat(40),
        azureAdDeviceId: objectId,
        agentId: objectId,
      },
      { role: "victim", address: "203.0.113.7" },
      { role: "victim", address: "10.0.0.4" },
    ]);
  });

  it("a GUID is no machine id of Defender for Endpoint, and a web app is no host", () => {
    const app = `${subscription}/resourceGroups/rg-shop/providers/Microsoft.Web/sites/shop`;
    const alert = combined(
      [],
      [
        entity("Host", { hostName: "web1", additionalData: { MdatpDeviceId: objectId } }),
        entity("Host", { hostName: "shop", azureID: app }),
      ],
    );

    expect(alert.entities).toEqual([
      { kind: "host", role: "victim", foundAt: "entities[0].properties", name: "web1" },
      { kind: "azure-resource", role: "victim", foundAt: "entities[1].properties", resourceId: app },
    ]);
    expect(alert.notes).toEqual([
      "entities[0].properties.additionalData.MdatpDeviceId: not a machine id of Defender for Endpoint, ignored",
    ]);
  });

  it("a file has the hashes that it points at, and a hash alone is a file too", () => {
    const pointed = entity("FileHash", { algorithm: "SHA256", hashValue: "AB".repeat(32) });

    expect(
      entitiesOf(
        entity("File", { fileName: "svc.exe", directory: "C:\\Users", fileHashEntityIds: [pointed.id, "/nowhere", 7] }),
        pointed,
        entity("FileHash", { algorithm: "SHA1", hashValue: "cd".repeat(20) }),
        entity("FileHash", { algorithm: "SHA256AC", hashValue: "ef".repeat(32) }),
      ),
    ).toEqual([
      {
        kind: "file",
        role: "context",
        foundAt: "entities[0].properties",
        name: "svc.exe",
        directory: "C:\\Users",
        sha256: "ab".repeat(32),
      },
      { kind: "file", role: "context", foundAt: "entities[2].properties", sha1: "cd".repeat(20) },
    ]);
  });

  it("others are read as what they are, or counted", () => {
    const vault = `${subscription}/resourceGroups/rg-shop/providers/Microsoft.KeyVault/vaults/shop`;
    const alert = combined(
      [memberWith({ resourceIdentifiers: [{ type: "AzureResource", resourceId: vault }] })],
      [
        entity("AzureResource", { resourceId: vault.toUpperCase() }),
        entity("CloudApplication", { appId: 11161, appName: "Microsoft 365" }),
        entity("Url", { url: "https://contoso.example/x" }),
        entity("Mailbox", { mailboxPrimaryAddress: "alice@contoso.com" }),
        entity("MailMessage", { senderIP: "203.0.113.25", sender: "x@contoso.example" }),
        entity("Malware", { malwareName: "Fabrikam" }),
        entity("SecurityAlert", {}),
      ],
    );

    expect(alert.entities.map(({ kind, role }) => `${role} ${kind}`)).toEqual([
      "victim azure-resource",
      "context cloud-app",
      "context url",
      "victim mailbox",
      "context ip",
    ]);
    expect(alert.notes).toEqual(["of no use to a containment, left out: malware 1"]);
  });

  it("strange ones are no more than a note", () => {
    const strange = [
      null,
      7,
      "Ip",
      [],
      {},
      { kind: 7 },
      { kind: "Ip", properties: [] },
      { kind: "constructor" },
      { kind: "Host", properties: { additionalData: [] } },
    ];

    expect(combined(strange, strange).entities).toEqual([]);
  });
});
