import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Alert } from "../../../../shared/alerts/alert.ts";
import type { Entity } from "../../../../shared/alerts/entity.ts";
import { readGraphAlert } from "../../../../shared/alerts/families/graph-alert.ts";
import type { Json } from "../../../../shared/alerts/fields.ts";

const machineId = "0123456789abcdef0123456789abcdef01234567";
const objectId = "7d1f3c52-1111-4222-8333-abcdefabcdef";
const appId = "11111111-2222-4333-8444-555555555555";
const vault = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/contoso-kv";
const vm = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/web-01";

const of = (type: string, fields: Json = {}): Json => ({
  "@odata.type": `#microsoft.graph.security.${type}Evidence`,
  createdDateTime: "2026-11-20T08:00:00Z",
  verdict: "unknown",
  roles: [],
  ...fields,
});
const ip = (ipAddress: unknown, fields: Json = {}) => of("ip", { ipAddress, ...fields });

function read(...evidence: unknown[]): Alert {
  const reading = readGraphAlert(
    {
      id: "1",
      serviceSource: "microsoft365Defender",
      severity: "high",
      category: "Execution",
      createdDateTime: "2026-11-20T08:00:00Z",
      evidence,
    },
    "",
  );
  if (!("alert" in reading)) throw new Error(JSON.stringify(reading));
  expect(Alert.parse(reading.alert)).toEqual(reading.alert);
  return reading.alert;
}
/** `attacker ip 203.0.113.7`: role, kind and what it is. */
function said({ entities }: Alert): string[] {
  return entities.map((entity) => {
    const { kind, role, foundAt: _, ...detail } = entity;
    const what = kind === "ip" ? [entity.address] : Object.values(detail);
    return [role, kind, ...what].join(" ");
  });
}
const placesOf = ({ entities }: Alert): string[] => entities.map(({ foundAt }: Entity) => foundAt);

describe("an address", () => {
  it("without roles is the attacker's where nothing else names one", () => {
    expect(said(read(ip("203.0.113.7")))).toEqual(["attacker ip 203.0.113.7"]);
    expect(said(read(ip("203.0.113.7"), ip("203.0.113.8", { roles: ["attacker"] })))).toEqual([
      "attacker ip 203.0.113.8",
      "context ip 203.0.113.7",
    ]);
  });

  it.each([
    ["attacker", "attacker"],
    ["commandAndControl", "attacker"],
    ["source", "attacker"],
    ["attacked", "victim"],
    ["compromised", "victim"],
    ["destination", "victim"],
    ["contextual", "context"],
    ["scanned", "context"],
    ["loaded", "context"],
    ["policyViolator", "context"],
    ["suspicious", "attacker"],
    ["unknownFutureValue", "attacker"],
  ])("in the role %s is the %s's", (role, expected) => {
    expect(said(read(ip("203.0.113.7", { roles: [role] })))).toEqual([`${expected} ip 203.0.113.7`]);
  });

  it("in several roles is the victim's if one of them says so", () => {
    expect(said(read(ip("203.0.113.7", { roles: ["source", "compromised"] })))).toEqual(["victim ip 203.0.113.7"]);
  });

  it("in which no threat was found is context, whatever its role", () => {
    const verdict = "noThreatsFound";

    expect(said(read(ip("203.0.113.7", { verdict })))).toEqual(["context ip 203.0.113.7"]);
    expect(said(read(ip("203.0.113.7", { verdict, roles: ["attacker"] })))).toEqual(["context ip 203.0.113.7"]);
  });

  it("of a device is the victim's wherever else it stands", () => {
    const device = of("device", {
      deviceDnsName: "web-01.contoso.com",
      ipInterfaces: ["10.0.0.4", "203.0.113.20"],
      lastIpAddress: "203.0.113.21",
      lastExternalIpAddress: "203.0.113.22",
    });
    const elsewhere = ["203.0.113.20", "203.0.113.21", "203.0.113.22"].map((address) =>
      ip(address, { roles: ["attacker"] }),
    );

    expect(said(read(...elsewhere, device)).filter((one) => one.includes(" ip "))).toEqual([
      "victim ip 203.0.113.20",
      "victim ip 203.0.113.21",
      "victim ip 203.0.113.22",
      "victim ip 10.0.0.4",
    ]);
  });

  it("is told where it stands, in the payload's own spelling", () => {
    expect(placesOf(read({ "@odata.type": "#microsoft.graph.security.ipEvidence", IPAddress: "203.0.113.7" }))).toEqual(
      ["evidence[0].IPAddress"],
    );
  });
});

describe("a network connection", () => {
  const connection = (source: unknown, destination: unknown, fields: Json = {}) =>
    of("networkConnection", { sourceAddress: source, destinationAddress: destination, ...fields });

  it.each([
    ["an address of a device", "203.0.113.20"],
    ["an address that is not public", "10.0.0.4"],
  ])("between %s and one outside has its attacker outside", (_, inside) => {
    const device = of("device", { deviceDnsName: "web-01.contoso.com", ipInterfaces: ["203.0.113.20"] });

    expect(said(read(connection(ip(inside), ip("198.51.100.9")), device))).toContain("attacker ip 198.51.100.9");
    expect(said(read(connection(ip("198.51.100.9"), ip(inside)), device))).toContain("attacker ip 198.51.100.9");
    expect(said(read(connection(ip(inside), ip("198.51.100.9")), device))).not.toContain(`attacker ip ${inside}`);
  });

  it("is outdone by a place that names the attacker", () => {
    expect(
      said(read(connection(ip("10.0.0.4"), ip("198.51.100.9")), ip("203.0.113.7", { roles: ["attacker"] }))),
    ).toEqual(["attacker ip 203.0.113.7", "context ip 10.0.0.4", "context ip 198.51.100.9"]);
  });

  it("between two addresses outside has no attacker, and says so", () => {
    const alert = read(connection(ip("203.0.113.7"), ip("198.51.100.9")));

    expect(said(alert)).toEqual(["context ip 203.0.113.7", "context ip 198.51.100.9"]);
    expect(alert.notes).toEqual([expect.stringContaining("evidence[0]: nothing tells which end")]);
  });

  it("with one end alone has no attacker", () => {
    expect(said(read(connection(null, ip("198.51.100.9"))))).toEqual(["context ip 198.51.100.9"]);
  });

  it("is read by the roles of its ends before all else", () => {
    const told = connection(ip("203.0.113.7", { roles: ["attacked"] }), ip("198.51.100.9", { roles: ["attacker"] }));

    expect(read(told)).toMatchObject({ notes: [] });
    expect(said(read(told))).toEqual(["attacker ip 198.51.100.9", "victim ip 203.0.113.7"]);
  });

  it("that is only context has no attacker", () => {
    expect(said(read(connection(ip("10.0.0.4"), ip("198.51.100.9"), { roles: ["contextual"] })))).toEqual([
      "context ip 10.0.0.4",
      "context ip 198.51.100.9",
    ]);
  });

  it("may have bare addresses for ends", () => {
    expect(placesOf(read(connection("10.0.0.4", "198.51.100.9")))).toEqual([
      "evidence[0].destinationAddress",
      "evidence[0].sourceAddress",
    ]);
  });
});

describe("a DNS record", () => {
  const dns = of("dns", {
    domainName: "Evil.Example",
    ipAddresses: [ip("198.51.100.9"), ip("198.51.100.10", { roles: ["attacker"] })],
    dnsServerIp: ip("203.0.113.53"),
    hostIpAddress: ip("203.0.113.20"),
  });

  it("has addresses that are nobody's unless a role says so, and was asked for by a victim", () => {
    expect(said(read(dns))).toEqual([
      "context domain evil.example",
      "attacker ip 198.51.100.10",
      "victim ip 203.0.113.20",
      "context ip 198.51.100.9",
      "context ip 203.0.113.53",
    ]);
  });
});

describe("a device", () => {
  it("has each id under the service that it belongs to", () => {
    const device = of("device", {
      mdeDeviceId: machineId.toUpperCase(),
      azureAdDeviceId: objectId,
      deviceDnsName: "Web-01.contoso.com",
      hostName: "WEB-01",
      vmMetadata: { vmId: appId, resourceId: vm },
    });

    expect(read(device).entities).toEqual([
      {
        kind: "host",
        role: "victim",
        foundAt: "evidence[0]",
        name: "WEB-01",
        fqdn: "web-01.contoso.com",
        mdeDeviceId: machineId,
        azureAdDeviceId: objectId,
        resourceId: vm,
      },
    ]);
  });

  it.each([objectId, "mdid", "0123"])("does not take %s for an id of Defender for Endpoint", (mdeDeviceId) => {
    const alert = read(of("device", { mdeDeviceId, deviceDnsName: "web-01" }));

    expect(said(alert)).toEqual(["victim host web-01"]);
    expect(alert.notes).toEqual(["evidence[0].mdeDeviceId: not a machine id of Defender for Endpoint, ignored"]);
  });

  it.each([null, "", "unknown"])("says nothing of an id that is not given: %j", (mdeDeviceId) => {
    expect(read(of("device", { mdeDeviceId, deviceDnsName: "web-01" })).notes).toEqual([]);
  });

  it("whose resource is no machine is that resource, and a machine without it", () => {
    const device = of("device", { deviceDnsName: "web-01", vmMetadata: { resourceId: vault } });

    expect(said(read(device))).toEqual([`victim azure-resource ${vault}`, "victim host web-01"]);
  });

  it("that is called the attacker is one, but for its addresses", () => {
    const device = of("device", { deviceDnsName: "laptop", roles: ["attacker"], lastIpAddress: "203.0.113.20" });

    expect(said(read(device))).toEqual(["attacker host laptop", "victim ip 203.0.113.20"]);
  });

  it("names who was logged on, as context", () => {
    const device = of("device", {
      deviceDnsName: "laptop",
      loggedOnUsers: [
        { accountName: "alice", domainName: "CONTOSO" },
        { accountName: "SYSTEM", domainName: "NT AUTHORITY" },
      ],
    });

    expect(said(read(device))).toEqual(["victim host laptop", "context user alice CONTOSO"]);
  });

  it("of the Internet of Things has no id of Defender for Endpoint", () => {
    const camera = of("ioTDevice", {
      deviceId: machineId,
      deviceName: "camera-7",
      ipAddress: ip("10.0.0.7"),
      nics: [of("nic", { ipAddress: ip("203.0.113.30") })],
      ioTHub: of("azureResource", { resourceId: vault }),
    });

    expect(said(read(camera))).toEqual([
      "victim host camera-7",
      `victim azure-resource ${vault}`,
      "victim ip 10.0.0.7",
      "victim ip 203.0.113.30",
    ]);
  });

  it("and its user are read out of a logon session", () => {
    const session = of("hostLogonSession", {
      host: of("device", { deviceDnsName: "web-01", lastIpAddress: "203.0.113.20" }),
      account: of("user", { userAccount: { accountName: "alice" } }),
    });

    expect(said(read(session))).toEqual(["victim user alice", "victim host web-01", "victim ip 203.0.113.20"]);
    expect(said(read({ ...session, roles: ["contextual"] }))).toContain("context host web-01");
    expect(placesOf(read(session))).toEqual([
      "evidence[0].account.userAccount",
      "evidence[0].host",
      "evidence[0].host.lastIpAddress",
    ]);
  });
});

describe("a user", () => {
  const userAccount = {
    accountName: "alice",
    domainName: "CONTOSO",
    userSid: "S-1-5-21-1-2-3-1001",
    azureAdUserId: objectId,
    userPrincipalName: "alice@contoso.com",
    resourceAccessEvents: [{ ipAddress: "203.0.113.40" }, { ipAddress: null }, null],
  };

  it("is a victim, and what it reached for is context", () => {
    expect(read(of("user", { userAccount })).entities).toEqual([
      {
        kind: "user",
        role: "victim",
        foundAt: "evidence[0].userAccount",
        objectId,
        upn: "alice@contoso.com",
        name: "alice",
        domain: "CONTOSO",
        sid: "S-1-5-21-1-2-3-1001",
      },
      {
        kind: "ip",
        role: "context",
        foundAt: "evidence[0].userAccount.resourceAccessEvents[0].ipAddress",
        address: "203.0.113.40",
        class: "documentation",
      },
    ]);
  });

  it.each([
    [["attacker"], "attacker"],
    [["contextual"], "context"],
    [["created"], "context"],
    [["attacker", "compromised"], "victim"],
  ])("in the roles %j is %s", (roles, role) => {
    expect(read(of("user", { userAccount, roles })).entities[0]).toMatchObject({ kind: "user", role });
  });

  it("of a cloud session has the account's roles before the session's", () => {
    const account = of("user", { userAccount: { accountName: "alice" } });

    expect(said(read(of("cloudLogonSession", { account })))).toEqual(["victim user alice"]);
    expect(said(read(of("cloudLogonSession", { account, roles: ["contextual"] })))).toEqual(["context user alice"]);
    expect(
      said(read(of("cloudLogonSession", { account: { ...account, roles: ["attacker"] }, roles: ["contextual"] }))),
    ).toEqual(["attacker user alice"]);
  });

  it.each([
    { accountName: "SYSTEM", domainName: "NT AUTHORITY", userSid: "S-1-5-18" },
    { accountName: "LOCAL SERVICE", userSid: "S-1-5-19" },
    { accountName: "NETWORK SERVICE", domainName: "nt authority" },
    { accountName: "NT AUTHORITY\\SYSTEM" },
  ])("that every machine has is nobody: %j", (account) => {
    const alert = read(of("user", { userAccount: account }));

    expect(alert.entities).toEqual([]);
    expect(alert.notes).toEqual(["of no use to a containment, left out: system-account 1"]);
  });

  it.each([
    { accountName: "SYSTEM", domainName: "CONTOSO" },
    { accountName: "SYSTEM", userSid: "S-1-5-21-1-2-3-1001" },
    { accountName: "SYSTEM", domainName: "NT AUTHORITY", azureAdUserId: objectId },
  ])("that only calls itself so is somebody: %j", (account) => {
    expect(read(of("user", { userAccount: account })).entities).toMatchObject([{ kind: "user", name: "SYSTEM" }]);
  });

  it("has no placeholders for ids", () => {
    const account = { accountName: "alice", azureAdUserId: "00000000-0000-0000-0000-000000000000", userSid: "null" };

    expect(said(read(of("user", { userAccount: account })))).toEqual(["victim user alice"]);
  });
});

describe("a message", () => {
  const mail = (fields: Json = {}) =>
    of("analyzedMessage", {
      senderIp: "203.0.113.25",
      recipientEmailAddress: "Bob@contoso.com",
      antiSpamDirection: "inbound",
      urls: ["https://evil.example/x"],
      ...fields,
    });

  it("came from the attacker and to a victim", () => {
    expect(said(read(mail()))).toEqual([
      "victim mailbox bob@contoso.com",
      "context url https://evil.example/x",
      "attacker ip 203.0.113.25",
    ]);
  });

  it.each(["outbound", "intraorg"])("that is %s was sent by a server of ours", (antiSpamDirection) => {
    expect(said(read(mail({ antiSpamDirection })))).toContain("context ip 203.0.113.25");
  });

  it("that leaves has no victim among its recipients", () => {
    expect(said(read(mail({ antiSpamDirection: "outbound" })))).toContain("context mailbox bob@contoso.com");
  });

  it("of Teams is read like a mail", () => {
    const message = of("teamsMessage", {
      senderIP: "203.0.113.26",
      messageDirection: "inbound",
      recipients: ["bob@contoso.com", "not an address"],
      urls: [of("url", { url: "https://evil.example/y" })],
    });

    expect(said(read(message))).toEqual([
      "victim mailbox bob@contoso.com",
      "context url https://evil.example/y",
      "attacker ip 203.0.113.26",
    ]);
  });

  it("that a user reported names no attacker", () => {
    const reported = of("submissionMail", { senderIp: "203.0.113.27", recipient: "bob@contoso.com" });

    expect(said(read(reported))).toEqual(["victim mailbox bob@contoso.com", "context ip 203.0.113.27"]);
  });

  it("lies in a mailbox that belongs to a user", () => {
    const mailbox = of("mailbox", { primaryAddress: "bob@contoso.com", userAccount: { accountName: "bob" } });

    expect(said(read(mailbox))).toEqual(["victim mailbox bob@contoso.com", "victim user bob"]);
    expect(said(read({ ...mailbox, primaryAddress: null, upn: "bob@contoso.com" }))[0]).toBe(
      "victim mailbox bob@contoso.com",
    );
  });

  it("may be handled by a rule of a mailbox, which is context", () => {
    const rule = of("mailboxConfiguration", { mailboxPrimaryAddress: "bob@contoso.com", upn: "bob@contoso.com" });

    expect(said(read(rule))).toEqual(["context mailbox bob@contoso.com", "context user bob@contoso.com"]);
  });
});

describe("files, processes and applications", () => {
  const fileDetails = { fileName: "a.exe", filePath: "C:\\Temp", sha1: "aa", sha256: "bb", md5: "cc" };

  it("are context where no role says more", () => {
    const process = of("process", { imageFile: fileDetails, userAccount: { accountName: "alice" } });

    expect(said(read(of("file", { fileDetails }), process))).toEqual([
      "context file a.exe C:\\Temp aa bb cc",
      "context user alice",
    ]);
    expect(said(read(of("file", { fileDetails, roles: ["attacker"] })))[0]).toMatch(/^attacker file/);
  });

  it("of malware are read for themselves", () => {
    const malware = of("malware", { files: [of("file", { fileDetails })], processes: [of("process", {})] });

    expect(placesOf(read(malware))).toEqual(["evidence[0].files[0].fileDetails"]);
  });

  it("may be known by a hash alone", () => {
    expect(read(of("fileHash", { algorithm: "sha256", value: "bb" })).entities).toMatchObject([
      { kind: "file", sha256: "bb" },
    ]);
    expect(read(of("fileHash", { algorithm: "unknown", value: "bb" })).entities).toEqual([]);
  });

  it("of Entra are never mixed up with those of the catalogue of Cloud Apps", () => {
    const evidence = [
      of("oauthApplication", { appId, objectId, displayName: "Contoso Sync" }),
      of("cloudApplication", { appId: 11161, displayName: "Microsoft Exchange Online" }),
      of("servicePrincipal", { appId, servicePrincipalObjectId: objectId, servicePrincipalName: "sync" }),
    ];

    expect(read(...evidence).entities).toMatchObject([
      { kind: "application", role: "context", appId, objectId, name: "Contoso Sync" },
      { kind: "cloud-app", role: "context", cloudAppId: 11161 },
      { kind: "service-principal", role: "context", appId, objectId },
    ]);
  });

  it("are no application of Entra's by a number", () => {
    const alert = read(of("oauthApplication", { appId: "11161", displayName: "Contoso Sync" }));

    expect(alert).toMatchObject({ entities: [], notes: [expect.stringContaining("evidence[0].appId")] });
  });
});

describe("a resource", () => {
  const azure = of("azureResource", { resourceId: vault });

  it("was attacked", () => {
    expect(said(read(azure))).toEqual([`victim azure-resource ${vault}`]);
    expect(placesOf(read(azure))).toEqual(["evidence[0].resourceId"]);
  });

  it("is the storage of blobs, containers and shared access signatures", () => {
    const container = of("blobContainer", { url: "https://contoso.example/c", storageResource: azure });
    const blob = of("blob", { url: "https://contoso.example/c/b", blobContainer: container });
    const signature = of("sasToken", { allowedIpAddresses: "203.0.113.0-203.0.113.9", storageResource: azure });

    expect(said(read(blob))).toEqual(["victim blob https://contoso.example/c/b", `victim azure-resource ${vault}`]);
    expect(said(read(container))).toEqual([`victim azure-resource ${vault}`]);
    expect(said(read(signature))).toEqual([`victim azure-resource ${vault}`]);
  });

  it("is the cluster that runs a pod, and the pod's addresses are the cluster's own", () => {
    const pod = of("kubernetesPod", {
      podIp: ip("10.1.2.3"),
      namespace: of("kubernetesNamespace", { cluster: of("kubernetesCluster", { cloudResource: azure }) }),
    });
    const service = of("kubernetesService", {
      clusterIP: ip("10.0.0.1"),
      externalIPs: [ip("203.0.113.80")],
      namespace: pod.namespace,
    });

    expect(said(read(of("container", { pod })))).toEqual([`victim azure-resource ${vault}`, "victim ip 10.1.2.3"]);
    expect(said(read(service, ip("203.0.113.80")))).toEqual([
      `victim azure-resource ${vault}`,
      "victim ip 10.0.0.1",
      "victim ip 203.0.113.80",
    ]);
  });
});

describe("evidence", () => {
  it("of no use to any containment is counted", () => {
    const alert = read(of("registryKey"), of("registryKey"), of("mailCluster"), { verdict: "unknown" }, null);

    expect(alert.notes).toEqual([
      "of no use to a containment, left out: registrykey 2, mailcluster 1, without a type 2",
    ]);
  });

  it.each(["at_sign_odata_type", "odata_type", "@odata_type"])("may have its type under %s", (key) => {
    expect(said(read({ [key]: "#microsoft.graph.security.ipEvidence", ipAddress: "203.0.113.7" }))).toEqual([
      "attacker ip 203.0.113.7",
    ]);
  });

  const types = [
    "ip",
    "device",
    "user",
    "dns",
    "networkConnection",
    "hostLogonSession",
    "analyzedMessage",
    "container",
  ];
  const names = ["roles", "verdict", "ipAddress", "account", "host", "userAccount", "sourceAddress", "ipAddresses"];

  it("of any form is read without an error, and no attacker is made up", async () => {
    const evidence = fc.record(
      { type: fc.constantFrom(...types), fields: fc.dictionary(fc.constantFrom(...names), fc.jsonValue()) },
      { requiredKeys: ["type", "fields"] },
    );
    await fc.assert(
      fc.property(fc.array(evidence, { maxLength: 5 }), (all) => {
        const alert = read(...all.map(({ type, fields }) => of(type, fields)));
        expect(alert.entities.filter(({ kind, role }) => kind === "ip" && role === "attacker")).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
