import { describe, expect, it } from "vitest";
import type { Alert } from "../../../../shared/alerts/alert.ts";
import { addressesOf, aPayload, read, rekey } from "../../../support/an-alert.ts";

type Json = Record<string, unknown>;

const group = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-web/providers";
const machine = `${group}/Microsoft.Compute/virtualMachines/web-1`;
const objectId = "0c9d2a54-8a3b-4f7e-9d61-5b8e7c6f4a10";
const zeros = "00000000-0000-0000-0000-000000000000";

/** An alert that names nothing but these entities. */
const readEntities = (entities: unknown, changes: Json = {}): Alert =>
  read(
    aPayload({ Entities: entities, ExtendedProperties: {}, ResourceIdentifiers: [], AlertType: "VM_X", ...changes }),
  );

const withoutPlace = (alert: Alert) => alert.entities.map(({ foundAt: _foundAt, ...entity }) => entity);
const entitiesOf = (entities: unknown, changes: Json = {}) => withoutPlace(readEntities(entities, changes));
const leftOut = (entities: unknown) => readEntities(entities).notes.find((note) => note.includes("left out"));

describe("a network connection", () => {
  const ip = (id: string, address: string, more: Json = {}) => ({ $id: id, Address: address, Type: "ip", ...more });
  const connection = (more: Json) => ({ Protocol: "Tcp", Type: "network-connection", ...more });

  it("is the attacker's at its source, which makes other addresses context", () => {
    const alert = readEntities([
      ip("5", "203.0.113.8"),
      ip("6", "203.0.113.7"),
      connection({ SourceAddress: { $ref: "6" } }),
    ]);

    expect(addressesOf(alert, "attacker")).toEqual(["203.0.113.7"]);
    expect(addressesOf(alert, "context")).toEqual(["203.0.113.8"]);
    expect(alert.entities[0]).toMatchObject({ foundAt: "Entities[1].Address" });
  });

  it("is the victim's at its destination, wherever else that stands", () => {
    const alert = readEntities([
      ip("5", "203.0.113.7"),
      ip("6", "198.51.100.4"),
      connection({ SourceAddress: { $ref: "5" }, DestinationAddress: { $ref: "6" } }),
      connection({ SourceAddress: "198.51.100.4" }),
    ]);

    expect(addressesOf(alert, "attacker")).toEqual(["203.0.113.7"]);
    expect(addressesOf(alert, "victim")).toEqual(["198.51.100.4"]);
  });

  it("may hold its addresses itself", () => {
    const alert = readEntities([
      connection({ SourceAddress: { Address: "203.0.113.7", Type: "ip" }, DestinationAddress: "198.51.100.4" }),
    ]);

    expect(alert.entities).toMatchObject([
      { role: "attacker", address: "203.0.113.7", foundAt: "Entities[0].SourceAddress.Address" },
      { role: "victim", address: "198.51.100.4", foundAt: "Entities[0].DestinationAddress" },
    ]);
  });

  it("of the attacked asset is not the attacker's", () => {
    const alert = readEntities([ip("5", "203.0.113.7", { Asset: true }), connection({ SourceAddress: { $ref: "5" } })]);

    expect(addressesOf(alert, "attacker")).toEqual([]);
    expect(addressesOf(alert, "victim")).toEqual(["203.0.113.7"]);
  });

  it.each(["10.0.0.4", "127.0.0.1", "168.63.129.16"])("from %s is ours, and leads to the attacker", (own) => {
    const alert = readEntities([connection({ SourceAddress: own, DestinationAddress: "203.0.113.7" })]);

    expect(addressesOf(alert, "victim")).toEqual([own]);
    expect(addressesOf(alert, "attacker")).toEqual(["203.0.113.7"]);
  });

  it("from an address that another place calls the victim's is ours too, wherever that place stands", () => {
    const alert = readEntities([
      connection({ SourceAddress: "198.51.100.4", DestinationAddress: "203.0.113.7" }),
      ip("6", "198.51.100.4", { Asset: true }),
    ]);

    expect(addressesOf(alert, "attacker")).toEqual(["203.0.113.7"]);
  });

  it.each([
    ["another place names the attacker", {}, { ExtendedProperties: { "Attacker IP": "203.0.113.8" } }, "context"],
    ["it is not public", { DestinationAddress: "10.0.0.5" }, {}, "victim"],
    ["it is the attacked asset", { DestinationAddress: { Address: "203.0.113.7", Asset: true } }, {}, "victim"],
  ] as const)("that is ours does not lead to the attacker where %s", (_, ends, changes, role) => {
    const alert = readEntities(
      [connection({ SourceAddress: "10.0.0.4", DestinationAddress: "203.0.113.7", ...ends })],
      changes,
    );

    expect(addressesOf(alert, "attacker")).not.toContain("203.0.113.7");
    expect(addressesOf(alert, role).length).toBeGreaterThan(0);
  });

  it("without an address at its source leads to a victim", () => {
    const alert = readEntities([connection({ SourceAddress: "unclear", DestinationAddress: "203.0.113.7" })]);

    expect(addressesOf(alert, "victim")).toEqual(["203.0.113.7"]);
  });

  it("that refers to nothing, or to what has no address, is noted", () => {
    const alert = readEntities([
      { $id: "4", HostName: "web-1", Type: "host" },
      connection({ SourceAddress: { $ref: "99" }, DestinationAddress: { $ref: "4" } }),
      connection({ SourceAddress: null }),
    ]);

    expect(alert.notes).toEqual([
      'Entities[1].SourceAddress: $ref "99" leads nowhere, ignored',
      "Entities[0].address: no address, ignored",
    ]);
  });
});

describe("a resolved name", () => {
  const dns = (more: Json) => ({ DomainName: "bad.fabrikam.com", Type: "dns", ...more });

  it.each(["IpAdresses", "IpAddresses"])("and its addresses are context: %s", (name) => {
    const alert = readEntities([
      { Address: "203.0.113.7", Type: "ip" },
      dns({ [name]: [{ $id: "6", Address: "203.0.113.7", Type: "ip" }, "203.0.113.8"] }),
    ]);

    expect(withoutPlace(alert)).toEqual([
      { kind: "domain", role: "context", domain: "bad.fabrikam.com" },
      { kind: "ip", role: "context", address: "203.0.113.7", class: "documentation" },
      { kind: "ip", role: "context", address: "203.0.113.8", class: "documentation" },
    ]);
  });

  it("has an attacker's address where another place calls it that", () => {
    const alert = readEntities([dns({ IpAdresses: ["203.0.113.7"] })], {
      ExtendedProperties: { "Client IP address": "203.0.113.7" },
    });

    expect(addressesOf(alert, "attacker")).toEqual(["203.0.113.7"]);
  });

  it("was asked for by the attacked machine", () => {
    const alert = readEntities([
      { $id: "7", Address: "198.51.100.4", Type: "ip" },
      dns({ IpAdresses: ["203.0.113.7"], HostIpAddress: { $ref: "7" } }),
    ]);

    expect(addressesOf(alert, "victim")).toEqual(["198.51.100.4"]);
    expect(addressesOf(alert, "attacker")).toEqual([]);
  });

  it("whose answer stands in the asking machine's place once more is nobody's", () => {
    const alert = readEntities([
      dns({ IpAdresses: [{ $id: "6", Address: "203.0.113.7" }], HostIpAddress: { $ref: "6" } }),
    ]);

    expect(addressesOf(alert, "context")).toEqual(["203.0.113.7"]);
  });
});

describe("an account", () => {
  const account = (more: Json) => [{ Type: "account", ...more }];

  it.each(["KV_X", "ARM_X", "Arm_Suspicious_X", "RM_X", "SIMULATED_KV_X"])("of %s acts", (AlertType) => {
    expect(entitiesOf(account({ AadUserId: objectId.toUpperCase() }), { AlertType })).toEqual([
      { kind: "principal", role: "attacker", objectId },
    ]);
  });

  it.each(["VM_X", "SQL.VM_BruteForce", "API_ARM_X", "KVM_X"])("of %s is attacked", (AlertType) => {
    expect(entitiesOf(account({ AadUserId: objectId }), { AlertType })).toEqual([
      { kind: "principal", role: "victim", objectId },
    ]);
  });

  it.each([
    [
      { Name: "ana", UPNSuffix: "contoso.com", AadUserId: objectId },
      { objectId, upn: "ana@contoso.com", name: "ana" },
    ],
    [
      { Name: "ana@contoso.com", UPNSuffix: "fabrikam.com" },
      { upn: "ana@contoso.com", name: "ana@contoso.com" },
    ],
    [
      { Name: "svc-web", NTDomain: "CONTOSO", Sid: "S-1-5-21-1-2-3-500" },
      { name: "svc-web", domain: "CONTOSO", sid: "S-1-5-21-1-2-3-500" },
    ],
    [{ Name: "sa", AadUserId: zeros, Sid: "" }, { name: "sa" }],
    [{ Name: "sa", AadUserId: "not a guid" }, { name: "sa" }],
  ])("%j is the user %j", (detail, user) => {
    expect(entitiesOf(account(detail))).toEqual([{ kind: "user", role: "victim", ...user }]);
  });

  it("that is the asset is a victim in any alert", () => {
    expect(entitiesOf(account({ Name: "ana", Asset: true }), { AlertType: "KV_X" })).toMatchObject([
      { role: "victim" },
    ]);
  });

  it.each([{ AadUserId: zeros }, { Name: "null" }, { Name: 7 }, { NTDomain: "CONTOSO" }, {}])(
    "%j is nobody",
    (detail) => {
      expect(entitiesOf(account(detail))).toEqual([]);
    },
  );
});

describe("a host", () => {
  const host = (more: Json) => [{ Type: "host", ...more }];

  it.each([
    [
      { HostName: "web-1", AzureID: machine },
      { name: "web-1", resourceId: machine },
    ],
    [
      { HostName: "web-1", OMSAgentID: objectId },
      { name: "web-1", agentId: objectId },
    ],
    [{ HostName: "web-1", OmsAgentID: zeros }, { name: "web-1" }],
    [
      { HostName: "WEB-1", DnsDomain: "Contoso.local" },
      { name: "WEB-1", fqdn: "web-1.contoso.local" },
    ],
    [
      { HostName: "web-1.contoso.local", DnsDomain: "" },
      { name: "web-1", fqdn: "web-1.contoso.local" },
    ],
    [{ HostName: "10.0.0.4" }, { name: "10.0.0.4" }],
    [{ NetBiosName: "WEB1" }, { name: "WEB1" }],
    [{ HostName: "web-1", AzureID: "web-1" }, { name: "web-1" }],
    [
      { HostName: "arc-1", AzureID: `${group}/Microsoft.HybridCompute/machines/arc-1` },
      { name: "arc-1", resourceId: `${group}/Microsoft.HybridCompute/machines/arc-1` },
    ],
  ])("%j is the machine %j", (detail, expected) => {
    expect(entitiesOf(host(detail))).toEqual([{ kind: "host", role: "victim", ...expected }]);
  });

  it.each([`${group}/Microsoft.Web/sites/shop`, `${group}/Microsoft.Sql/servers/s/databases/d`])(
    "with the id %s is that resource and no machine",
    (resourceId) => {
      expect(entitiesOf(host({ HostName: "shop", AzureID: resourceId }))).toEqual([
        { kind: "azure-resource", role: "victim", resourceId },
      ]);
    },
  );

  it("that is named twice by one ARM id is one machine", () => {
    const twice = [
      ...host({ HostName: "web-1", AzureID: machine }),
      ...host({ AzureID: machine.toUpperCase(), OMSAgentID: objectId }),
    ];

    expect(entitiesOf(twice)).toEqual([
      { kind: "host", role: "victim", name: "web-1", resourceId: machine, agentId: objectId },
    ]);
  });
});

describe("a file", () => {
  const sha256 = "a".repeat(64);

  it("carries its hashes, which are not told once more", () => {
    const entities = [
      { $id: "4", Algorithm: "SHA256", Value: sha256.toUpperCase(), Type: "filehash" },
      {
        Directory: "c:\\windows",
        Name: "x.exe",
        FileHashes: [{ $ref: "4" }, { Algorithm: "MD5", Value: "b".repeat(32), Type: "filehash" }, { $ref: "9" }],
        Type: "file",
      },
    ];

    expect(entitiesOf(entities)).toEqual([
      { kind: "file", role: "context", name: "x.exe", directory: "c:\\windows", sha256, md5: "b".repeat(32) },
    ]);
    expect(readEntities(entities).notes).toEqual(['Entities[1].FileHashes[2]: $ref "9" leads nowhere, ignored']);
  });

  it("may be known by a hash alone", () => {
    expect(entitiesOf([{ Algorithm: "SHA1", Value: "c".repeat(40), Type: "filehash" }])).toEqual([
      { kind: "file", role: "context", sha1: "c".repeat(40) },
    ]);
  });

  it.each([
    ["SHA256", "Sample-SHA"],
    ["SHA256", "a".repeat(40)],
    ["SHA256AC", sha256],
    ["constructor", sha256],
  ])("has no hash of the kind %s and the value %s", (Algorithm, Value) => {
    expect(entitiesOf([{ Name: "x.exe", FileHashes: [{ Algorithm, Value }], Type: "file" }])).toEqual([
      { kind: "file", role: "context", name: "x.exe" },
    ]);
  });

  it("is what a process ran", () => {
    const image = { $id: "8", Name: "x.exe", Type: "file" };

    expect(entitiesOf([{ ImageFile: { $ref: "8" }, Type: "process" }, image])).toHaveLength(1);
    expect(readEntities([{ ImageFile: image, Type: "process" }]).entities).toEqual([
      { kind: "file", role: "context", name: "x.exe", foundAt: "Entities[0].ImageFile" },
    ]);
  });

  it("is not what a process refers to by a wrong id", () => {
    const hash = { $id: "8", Algorithm: "MD5", Value: "b".repeat(32), Type: "filehash" };

    expect(
      leftOut([
        { Name: "x.exe", FileHashes: [hash], Type: "file" },
        { ImageFile: { $ref: "8" }, Type: "process" },
      ]),
    ).toContain("process 1");
  });
});

describe("further entities", () => {
  it.each([
    [
      { ResourceId: machine, Type: "azure-resource" },
      { kind: "azure-resource", role: "victim", resourceId: machine },
    ],
    [
      { Url: "https://bad.fabrikam.com/x", Type: "url" },
      { kind: "url", role: "context", url: "https://bad.fabrikam.com/x" },
    ],
    [
      { Url: "https://shop.contoso.com", Asset: "True", Type: "url" },
      { kind: "url", role: "victim", url: "https://shop.contoso.com" },
    ],
    [
      { Name: "a.txt", Url: "https://contoso.blob.core.windows.net/c/a.txt", Type: "blob" },
      { kind: "blob", role: "victim", uri: "https://contoso.blob.core.windows.net/c/a.txt" },
    ],
    [
      { MailboxPrimaryAddress: "ana@contoso.com", Type: "mailbox" },
      { kind: "mailbox", role: "victim", address: "ana@contoso.com" },
    ],
    [
      { AppId: 11161, Name: "Office", Type: "cloud-application" },
      { kind: "cloud-app", role: "context", cloudAppId: 11161, name: "Office" },
    ],
  ])("%j is %j", (entity, expected) => {
    expect(entitiesOf([entity])).toEqual([expected]);
    expect(entitiesOf(rekey([entity], (key) => key.toUpperCase()))).toEqual([expected]);
  });

  it("of no use are counted", () => {
    const entities = [
      { Name: "trojan", Type: "malware" },
      { Name: "pod-1", Type: "K8s-pod" },
      { Name: "pod-2", Type: "K8s-pod" },
      { Name: "container-1", StorageResource: { $ref: "4" }, Type: "blob-container" },
      { Name: "a.txt", Type: "blob" },
      { CommandLine: "x", Type: "process" },
      { ResourceId: "/tenants/x", Type: "azure-resource" },
      { Type: "constructor" },
      {},
      null,
      "203.0.113.7",
    ];

    expect(leftOut(entities)).toBe(
      "of no use to a containment, left out: no-object 2, malware 1, k8s-pod 2, blob-container 1, blob 1, process 1, " +
        "azure-resource 1, constructor 1, without a type 1",
    );
  });
});

describe("a reference as an entity", () => {
  const inner = { $id: "6", HostName: "web-1", Type: "host" };

  it("to another of the list is that one", () => {
    expect(entitiesOf([inner, { $ref: "6" }, { $ref: "6" }])).toEqual([
      { kind: "host", role: "victim", name: "web-1" },
    ]);
  });

  it("to a definition inside of another stands for it, once, in its place", () => {
    const alert = readEntities([{ Name: "svc", Host: inner, Type: "account" }, { $ref: "6" }, { $ref: "6" }]);

    expect(alert.entities.filter(({ kind }) => kind === "host")).toEqual([
      { kind: "host", role: "victim", name: "web-1", foundAt: "Entities[0].Host" },
    ]);
  });

  it("to another that is left out does not count it twice", () => {
    expect(leftOut([{ $id: "6", Name: "pod-1", Type: "K8s-pod" }, { $ref: "6" }])).toContain("k8s-pod 1");
  });

  it("to nothing is noted", () => {
    expect(readEntities([{ $ref: "6" }])).toMatchObject({
      entities: [],
      notes: ['Entities[0]: $ref "6" leads nowhere, ignored'],
    });
  });

  it("finds the first of definitions that share an id", () => {
    const alert = readEntities([
      { $id: "5", Address: "203.0.113.7", Type: "ip" },
      { $id: "5", Address: "203.0.113.8", Type: "ip" },
      { $id: "6", SourceAddress: { $ref: "5" }, Type: "network-connection" },
    ]);

    expect(addressesOf(alert, "attacker")).toEqual(["203.0.113.7"]);
  });
});

describe("what is more than an alert can carry", () => {
  it("leaves the attackers in", () => {
    const victims = Array.from({ length: 150 }, (_, at) => ({ Address: `198.51.100.${at}`, Asset: true, Type: "ip" }));
    const alert = readEntities([...victims, { SourceAddress: "203.0.113.7", Type: "network-connection" }]);

    expect(addressesOf(alert, "attacker")).toEqual(["203.0.113.7"]);
    expect(addressesOf(alert, "victim")).toHaveLength(99);
    expect(alert.notes).toEqual(["only the first 100 of 151 addresses were kept"]);
  });

  it("leaves the acting accounts in", () => {
    const many = Array.from({ length: 40 }, (_, at) => ({ Name: `victim-${at}`, Asset: true, Type: "account" }));
    const alert = readEntities([...many, { Name: "actor", Type: "account" }], { AlertType: "ARM_X" });

    expect(alert.entities).toHaveLength(20);
    expect(alert.entities).toContainEqual(expect.objectContaining({ role: "attacker", name: "actor" }));
    expect(alert.notes).toEqual(["only the first 20 of 41 user entities were kept"]);
  });

  it.each([
    ["references to nothing", { $ref: "1" }],
    ["references to one entity", { $ref: "0" }],
    ["hosts", { HostName: "web-1", Type: "host" }],
    ["connections", { SourceAddress: { $ref: "0" }, Type: "network-connection" }],
    ["names", { DomainName: "a.fabrikam.com", IpAdresses: [{ $ref: "0" }], Type: "dns" }],
    ["files", { Name: "x", FileHashes: [{ $ref: "0" }], Type: "file" }],
  ])("is read in no time: thirty thousand %s", (_, entity) => {
    const began = performance.now();
    const alert = readEntities([{ $id: "0", Address: "203.0.113.7", Type: "ip" }, ...Array(30_000).fill(entity)]);

    expect(performance.now() - began).toBeLessThan(2_000);
    expect(JSON.stringify(alert).length).toBeLessThan(20_000);
  });

  it("does not let one text pass for several details", () => {
    const alert = readEntities([
      { Name: "ana\nsid 1 x", Type: "account" },
      { Name: "ana", Sid: "S-1-5-21-1", Type: "account" },
      { Name: "ana\nsid\nS-1-5-21-1", Type: "account" },
    ]);

    expect(alert.entities).toHaveLength(3);
  });
});
