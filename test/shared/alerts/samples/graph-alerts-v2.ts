import type { ExpectedAlert, ExpectedEntity, ExpectedReading } from "../../../support/expected-reading.ts";

const common = {
  source: "defender-for-endpoint",
  family: "graph-alert",
  title: { from: "title" },
  description: { from: "description" },
  sample: false,
  incident: false,
  members: [],
  tactics: [],
  techniques: [],
} satisfies Partial<ExpectedAlert>;

const references = { graphId: { from: "id" }, incidentId: { from: "incidentId" }, portal: { from: "alertWebUrl" } };

/** `tempDns` is no fully qualified name. The process ran as SYSTEM, which is nobody's account. */
const hiddenFile: ExpectedEntity[] = [
  {
    kind: "host",
    role: "victim",
    name: "tempDns",
    mdeDeviceId: "73e7e2de709dff64ef64b1d0c30e67fab63279db",
    resourceId:
      "/subscriptions/8700d3a3-3bb7-4fbe-a090-488a1ad04161/resourceGroups/WdatpApi-EUS-STG/providers/Microsoft.Compute/virtualMachines/NirLaviTests",
    at: ["evidence[0]"],
  },
  {
    kind: "file",
    role: "context",
    name: "MsSense.exe",
    directory: "C:\\Program Files\\temp",
    sha1: "5f1e8acedc065031aad553b710838eb366cfee9a",
    sha256: "8963a19fb992ad9a76576c5638fd68292cffb9aaac29eb8285f9abf6196a7dec",
    at: ["evidence[1]", "evidence[1].fileDetails", "evidence[2].imageFile"],
  },
];
const parent: ExpectedEntity = {
  kind: "file",
  role: "context",
  name: "services.exe",
  directory: "C:\\Windows\\System32",
  at: ["evidence[2].parentProcessImageFile"],
};

const hidden = {
  ...common,
  type: "DefenseEvasion",
  severity: "Low",
  status: "new",
  tactics: ["DefenseEvasion"],
  techniques: ["T1564.001"],
  raisedAt: "2021-04-26T07:45:50.116Z",
  updatedAt: "2021-05-02T14:19:01.326Z",
  references,
  mayAlso: [parent],
  notes: { mention: [/registry/i], atMost: 2 },
} satisfies Partial<ExpectedAlert>;

export const expected: Readonly<Record<string, readonly ExpectedReading[]>> = {
  "docs_get_alert_with_systemtags_detailedroles.json": [
    {
      alert: {
        ...hidden,
        productId: "da637578995287051192_756343937",
        entities: [
          ...hiddenFile,
          // An interface of the device that was attacked.
          { kind: "ip", role: "victim", address: "1.1.1.1", class: "public", at: ["evidence[0].ipInterfaces[0]"] },
        ],
      },
    },
  ],
  "mde_hidden_file_device_file_process_registry.json": [
    { alert: { ...hidden, productId: "da637551227677560813_-961444813", entities: hiddenFile } },
  ],
  "mde_automated_investigation_resolved_comments.json": [
    {
      alert: {
        ...common,
        productId: "pid",
        type: "SuspiciousActivity",
        severity: "Informational",
        status: "resolved",
        raisedAt: "2022-10-16T01:48:05.805Z",
        updatedAt: "2023-04-13T11:36:58.823Z",
        references,
        entities: [
          {
            kind: "host",
            role: "victim",
            name: "desktop-s2455r8",
            azureAdDeviceId: "cfcf4177-227e-4cdb-ac8e-f9a3da1ca30c",
            at: ["evidence[0]"],
          },
        ],
        // "mdid" is no id of a machine.
        notes: { mention: [/mdeDeviceId/], atMost: 1 },
      },
    },
  ],
  "panther_password_spray_event_v2.json": [
    {
      alert: {
        ...common,
        source: "defender-for-identity",
        productId: "abcdefg-123456-hijklmno",
        type: "PasswordSpray",
        severity: "High",
        status: "new",
        raisedAt: "2026-04-02T14:22:00.698Z",
        updatedAt: "2026-04-02T14:30:21.979Z",
        references: { graphId: { from: "id" } },
        // The exporter spells `@odata.type` as `at_sign_odata_type`: the value says the same.
        entities: [
          {
            kind: "user",
            role: "victim",
            upn: "homer.simpson@corporation.onmicrosoft.com",
            name: "homer.simpson",
            domain: "corporation.onmicrosoft.com",
            at: ["evidence[0].userAccount", "evidence[0]"],
          },
        ],
      },
    },
  ],
};
