import type { ExpectedAlert, ExpectedEntity, ExpectedReading } from "../../../support/expected-reading.ts";

const common = {
  source: "defender-for-endpoint",
  family: "endpoint-alert",
  title: { from: "title" },
  description: { from: "description" },
  severity: "Low",
  status: "new",
  sample: false,
  incident: false,
  members: [],
  tactics: [],
  techniques: ["T1064", "T1085", "T1220"],
} satisfies Partial<ExpectedAlert>;

const machine = (mdeDeviceId: string): ExpectedEntity => ({
  kind: "host",
  role: "victim",
  fqdn: "temp123.middleeast.corp.microsoft.com",
  mdeDeviceId,
  at: ["machineId", "computerDnsName"],
});
const relatedUser: ExpectedEntity = {
  kind: "user",
  role: "victim",
  name: "temp123",
  domain: "DOMAIN",
  at: ["relatedUser"],
};

export const expected: Readonly<Record<string, readonly ExpectedReading[]>> = {
  "docs_get_lowrep_rundll32_evidence.json": [
    {
      alert: {
        ...common,
        productId: "da637472900382838869_1364969609",
        type: "Execution",
        tactics: ["Execution"],
        raisedAt: "2021-01-26T20:31:32.956Z",
        updatedAt: "2021-01-26T20:33:59.200Z",
        references: { incidentId: "1126093" },
        entities: [
          machine("111e6dd8c833c8a052ea231ec1b19adaf497b625"),
          relatedUser,
          {
            kind: "user",
            role: "victim",
            objectId: "11118379-2a59-1111-ac3c-a51eb4a3c627",
            upn: "temp123@microsoft.com",
            name: "name",
            domain: "DOMAIN",
            sid: "S-1-5-21-11111607-1111760036-109187956-75141",
            at: ["evidence[0]"],
          },
          {
            kind: "file",
            role: "context",
            name: "rundll32.exe",
            directory: "C:\\Windows\\SysWOW64",
            sha1: "ff836cfb1af40252bd2a2ea843032e99a5b262ed",
            sha256: "a4752c71d81afd3d5865d24ddb11a6b0c615062fcc448d24050c2172d2cbccd6",
            at: ["evidence[1]"],
          },
          {
            kind: "file",
            role: "context",
            name: "suspicious.dll",
            directory: "c:\\temp",
            sha1: "8563f95b2f8a284fc99da44500cd51a77c1ff36c",
            sha256: "dc0ade0c95d6db98882bc8fa6707e64353cd6f7767ff48d6a81a6c2aef21c608",
            at: ["evidence[2]"],
          },
        ],
        mayAlso: [
          {
            kind: "file",
            role: "context",
            name: "rundll32.exe",
            directory: "C:\\Windows\\System32",
            at: ["evidence[1]"],
          },
        ],
      },
    },
  ],
  "docs_list_meterpreter_empty_evidence.json": [
    {
      alert: {
        ...common,
        productId: "da637308392288907382_-880718168",
        type: "SuspiciousActivity",
        classification: "true-positive",
        raisedAt: "2020-07-20T10:52:17.665Z",
        updatedAt: "2020-07-20T10:53:50.190Z",
        references: { incidentId: "7587" },
        entities: [machine("12ee6dd8c833c8a052ea231ec1b19adaf497b625"), relatedUser],
        // A list that was not asked for its evidence has none.
        notes: { mention: [], atMost: 1 },
      },
    },
  ],
};
