import type { ExpectedAlert, ExpectedEntity, ExpectedReading } from "../../../support/expected-reading.ts";

/** The rows are older than the columns Tactics, Status, ProductName and AlertLink. */
const common = {
  family: "log-analytics",
  title: { from: "AlertDisplayName" },
  description: { from: "Description" },
  status: "new",
  sample: false,
  incident: false,
  members: [],
  tactics: [],
  techniques: [],
  references: {},
} satisfies Partial<ExpectedAlert>;

const entity = (index: number) => `Entities[${index}]`;

const resource = (resourceId: string, ...at: string[]): ExpectedEntity => ({
  kind: "azure-resource",
  role: "victim",
  resourceId,
  at: ["ResourceId", ...at],
});
const attacker = (address: string, at: string): ExpectedEntity => ({
  kind: "ip",
  role: "attacker",
  address,
  class: "public",
  at: [at],
});
const file = (name: string, directory: string, ...at: string[]): ExpectedEntity => ({
  kind: "file",
  role: "context",
  name,
  directory,
  at,
});

const machineInDemo = (name: string): ExpectedEntity[] => {
  const resourceId = `/subscriptions/212f9889-769e-45ae-ab43-6da33674bd26/resourcegroups/ASCDEMORG/providers/Microsoft.Compute/virtualMachines/${name}`;
  return [resource(resourceId), { kind: "host", role: "victim", name, resourceId, at: [entity(0)] }];
};

/** What the three rows about one machine have in common: the agent's id is not put to the machine that an entity names. */
const onWin1: ExpectedEntity[] = [
  resource(
    "/subscriptions/40dcc8bf-0478-4f3b-b275-ed0a94f2c013/resourceGroups/ASIHuntOMSWorkspaceRG/providers/Microsoft.Compute/virtualMachines/MSTICAlertsWin1",
  ),
  // The row's only host is its source computer.
  {
    kind: "host",
    role: "victim",
    name: "MSTICALERTSWIN1",
    agentId: "46fe7078-61bb-4bed-9430-7ac01d91c273",
    at: [entity(0)],
  },
];
const admin = (...at: string[]): ExpectedEntity => ({
  kind: "user",
  role: "victim",
  name: "MSTICAdmin",
  domain: "MSTICAlertsWin1",
  sid: "S-1-5-21-996632719-2361334927-4038480536-500",
  at,
});
const win1 = {
  ...common,
  source: "defender-for-cloud",
  notes: { mention: [/host-logon-session/i], atMost: 1 },
} satisfies Partial<ExpectedAlert>;

export const expected: Readonly<Record<string, readonly ExpectedReading[]>> = {
  "custom_rule_malicious_ip_bruteforce_4625.json": [
    {
      alert: {
        ...common,
        // The vendor is "Alert Rule".
        source: "other",
        productId: "b5786d68-7f5e-4be1-92e6-e255010d1d8c",
        type: "Maliciuos IP communication",
        severity: "High",
        raisedAt: "2019-01-10T06:25:57.000Z",
        entities: [
          // The text of the search query holds the address as well: there it is not read.
          attacker("80.10.26.89", entity(0)),
          { kind: "host", role: "victim", name: "DHCPContoso77", at: [entity(1)] },
          { kind: "user", role: "victim", name: "ADMINISTRATOR", at: [entity(2)] },
          { kind: "user", role: "victim", name: "ADMIN", at: [entity(3)] },
          { kind: "user", role: "victim", name: "USER", at: [entity(4)] },
        ],
      },
    },
  ],
  "partner_trend_deep_security_malware.json": [
    {
      alert: {
        ...common,
        source: "other",
        productId: "5fc4f6a0-0687-4b93-998e-a230af39c10b",
        type: "Deep Security Agent detected a malware",
        severity: "Low",
        raisedAt: "2019-01-09T05:02:00.000Z",
        entities: machineInDemo("vm4"),
      },
    },
  ],
  "sql_potential_injection_ip_in_extprops.json": [
    {
      alert: {
        ...common,
        source: "defender-for-cloud",
        productId: "5365ee7a-f730-42d2-bcdf-b2e898ab98d7",
        type: "Potential SQL Injection",
        severity: "High",
        raisedAt: "2019-01-10T05:02:00.000Z",
        entities: [
          // The host is a database.
          resource(
            "/subscriptions/212f9889-769e-45ae-ab43-6da33674bd26/resourceGroups/testingLab/providers/Microsoft.Sql/servers/myServer/databases/sqlserver2ascdemo",
            entity(0),
          ),
          attacker("13.33.36.3", 'ExtendedProperties["IP address"]'),
        ],
      },
    },
  ],
  "vm_credential_dumping.json": [
    {
      alert: {
        ...win1,
        productId: "2518547714809416002_76bf04a5-71fa-487a-9742-d54941a7a194",
        type: "Possible credential dumping detected",
        severity: "Medium",
        raisedAt: "2019-01-15T05:15:19.000Z",
        entities: [
          ...onWin1,
          file("cmd.exe", "c:\\windows\\system32", entity(1), `${entity(2)}.ImageFile`),
          file("sqldumper.exe", "c:\\diagnostics\\usertmp", entity(4), `${entity(5)}.ImageFile`),
          admin(entity(3), `${entity(5)}.Account`, `${entity(6)}.Account`),
        ],
      },
    },
  ],
  "vm_failed_rdp_bruteforce_ip_in_source_text.json": [
    {
      alert: {
        ...common,
        source: "defender-for-cloud",
        productId: "8832e816-d634-4214-bb48-7a6678fdf0b7",
        type: "Failed RDP Brute Force Attack",
        severity: "Low",
        raisedAt: "2019-01-05T02:02:00.000Z",
        entities: [...machineInDemo("vm1"), attacker("96.81.218.10", 'ExtendedProperties["source"]')],
      },
    },
  ],
  "vm_suspicious_account_creation.json": [
    {
      alert: {
        ...win1,
        productId: "2518547570966661760_526e34b6-6578-4fc0-9db6-e126b4d673f0",
        type: "Suspicious Account Creation Detected",
        severity: "Medium",
        raisedAt: "2019-01-15T09:15:03.000Z",
        entities: [
          ...onWin1,
          { kind: "user", role: "victim", name: "adm1nistrator", at: [entity(1), `${entity(7)}.Account`] },
          file("cmd.exe", "c:\\windows\\system32", entity(2), `${entity(3)}.ImageFile`),
          admin(entity(4), `${entity(6)}.Account`),
          file("net.exe", "c:\\windows\\system32", entity(5), `${entity(6)}.ImageFile`),
        ],
      },
    },
  ],
  "vm_suspicious_powershell_full_entities.json": [
    {
      alert: {
        ...win1,
        productId: "2518547570884378777_92a2f884-5827-4fb6-acf8-b0087b76aa73",
        type: "Suspicious Powershell Activity Detected",
        severity: "High",
        raisedAt: "2019-01-15T09:15:11.000Z",
        entities: [
          ...onWin1,
          file("cmd.exe", "c:\\windows\\system32", entity(1), `${entity(2)}.ImageFile`),
          admin(entity(3), `${entity(5)}.Account`, `${entity(6)}.Account`),
          // The address in the command line is text: not read.
          file("powershell.exe", "c:\\diagnostics\\usertmp", entity(4), `${entity(5)}.ImageFile`),
        ],
      },
    },
  ],
  "waf_sql_injection_blocked.json": [
    {
      alert: {
        ...common,
        source: "other",
        productId: "0c68e539-f060-401f-b967-6b64b8f49198",
        type: "SQL injection blocked",
        severity: "Low",
        raisedAt: "2019-01-05T01:02:00.000Z",
        // "Management URL" holds an address too: the firewall's own.
        entities: [...machineInDemo("vm1"), attacker("96.81.218.10", 'ExtendedProperties["Source IPs"]')],
      },
    },
  ],
};
