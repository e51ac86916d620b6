import { describe, expect, it } from "vitest";
import type { Alert } from "../../../shared/alerts/alert.ts";
import { alertKey } from "../../../shared/alerts/alert-key.ts";
import { readAll } from "../../../shared/alerts/read-alert.ts";
import { read, rekey } from "../../support/an-alert.ts";

const id = "2516049539998765432_7a1c9d52-0b3e-4f6a-9c8d-1e2f3a4b5c6d";
const group = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-shop/providers";
const machineId = `${group}/Microsoft.Compute/virtualMachines/vm-shop`;

/** One alert of Defender for Cloud, in the flat shape. */
const flat = {
  VendorName: "Microsoft",
  ProductName: "Microsoft Defender for Cloud",
  AlertType: "SQL.VM_BruteForce",
  SystemAlertId: id,
  AlertDisplayName: "Suspected brute force attack",
  Description: "Many failed sign-ins from one address.",
  Severity: "High",
  Status: "New",
  StartTimeUtc: "2026-11-23T09:15:00.1234567Z",
  TimeGenerated: "2026-11-23T09:21:07.4561239Z",
  Intent: "PreAttack",
  IsIncident: false,
  CompromisedEntity: "vm-shop",
  ExtendedProperties: {
    "Client IP address": "203.0.113.66:50123",
    "Victim IP": "198.51.100.4",
    "Potential causes": "Brute force attack from 192.0.2.99; penetration testing.",
  },
  Entities: [
    { $id: "1", HostName: "vm-shop", AzureID: machineId, Type: "host" },
    { $id: "2", Address: "203.0.113.66", Type: "ip" },
    { $id: "3", Address: "198.51.100.4", Type: "ip" },
    { $id: "4", SourceAddress: { $ref: "2" }, Protocol: "Tcp", Type: "network-connection" },
    { $id: "7", Address: "2001:db8::77", Type: "ip" },
    { $id: "5", Name: "sa", Host: { $ref: "1" }, Type: "account" },
  ],
  ResourceIdentifiers: [{ $id: "6", AzureResourceId: machineId, Type: "AzureResource" }],
};

const firstSmall = (key: string) => key.charAt(0).toLowerCase() + key.slice(1);

const resource = {
  id: `${group}/Microsoft.Security/locations/centralus/alerts/${id}`,
  name: id,
  type: "Microsoft.Security/Locations/alerts",
  properties: rekey({ ...flat, Status: "Active" }, firstSmall),
};

/** The same in the table of a workspace, which keeps structures as text and has no list of resources. */
const { ResourceIdentifiers: _identifiers, AlertDisplayName, Intent, StartTimeUtc, ...columns } = flat;
const row = {
  ...columns,
  TenantId: "00000000-0000-4000-8000-000000000009",
  AlertName: AlertDisplayName,
  DisplayName: AlertDisplayName,
  Tactics: Intent,
  StartTime: StartTimeUtc,
  ResourceId: machineId,
  IsIncident: "False",
  Entities: JSON.stringify(flat.Entities, null, 2),
  ExtendedProperties: JSON.stringify(flat.ExtendedProperties, null, 2),
  ExtendedLinks: "",
  Type: "SecurityAlert",
};

const shapes = [
  ["flat in PascalCase", "flat", flat],
  ["flat in camelCase", "flat", rekey(flat, firstSmall)],
  ["of Resource Manager", "arm-2022-01-01", resource],
  ["a row of Log Analytics", "log-analytics", row],
] as const;

const wrappers: [string, (payload: unknown) => unknown][] = [
  ["alone", (payload) => payload],
  ["in a list", (payload) => [payload]],
  ["under value", (payload) => ({ value: [payload] })],
  ["under data", (payload) => ({ data: [payload], hasNext: false, total: 1 })],
  ["under records", (payload) => ({ records: [payload] })],
  ["under body", (payload) => ({ body: payload })],
  ["as text", (payload) => JSON.stringify(payload)],
  ["as text under data", (payload) => ({ data: JSON.stringify(payload) })],
];

/** Who did it and to whom, without the places where that stood. */
function persons({ entities }: Alert): { role: string; words: string }[] {
  return entities
    .map(({ role, foundAt: _, ...rest }) => ({
      role,
      words: JSON.stringify(Object.entries(rest).toSorted()).toLowerCase(),
    }))
    .toSorted((a, b) => (a.words < b.words ? -1 : 1));
}

describe("one alert of Defender for Cloud", () => {
  const cases = shapes.flatMap(([shape, family, payload]) =>
    wrappers.map(([place, wrap]) => ({ shape, place, family, body: wrap(payload) })),
  );

  it.each(cases)("$shape, $place, is the same finding", ({ family, body }) => {
    const readings = readAll(body);

    expect(readings).toHaveLength(1);
    const alert = read(body);
    expect(alert).toMatchObject({
      key: alertKey("defender-for-cloud", id),
      source: "defender-for-cloud",
      family,
      productId: id,
      type: "SQL.VM_BruteForce",
      title: "Suspected brute force attack",
      severity: "High",
      status: "new",
      sample: false,
      incident: false,
      tactics: ["PreAttack"],
      raisedAt: "2026-11-23T09:15:00.123Z",
      notes: [],
    });
    expect(alert.entities.map(({ kind, role }) => `${role} ${kind}`).toSorted()).toEqual([
      "attacker ip",
      // Merely there, where others are named.
      "context ip",
      "victim azure-resource",
      "victim host",
      "victim ip",
      "victim user",
    ]);
    expect(alert.entities).toContainEqual(expect.objectContaining({ role: "attacker", address: "203.0.113.66" }));
    expect(alert.entities).toContainEqual(expect.objectContaining({ role: "victim", address: "198.51.100.4" }));
    expect(alert.entities).toContainEqual(expect.objectContaining({ role: "context", address: "2001:db8::77" }));
    expect(persons(alert)).toEqual(persons(read(flat)));
  });

  it("keeps its key over Graph and the Activity Log, which know it by the same id", () => {
    const overGraph = {
      "@odata.type": "#microsoft.graph.security.alert",
      id: "dcf2516049539998765432-1",
      providerAlertId: id,
      serviceSource: "microsoftDefenderForCloud",
      title: "Suspected brute force attack",
      category: "InitialAccess",
      severity: "high",
      status: "new",
      createdDateTime: "2026-11-23T09:21:07.4561239Z",
      evidence: [],
    };
    const overActivityLog = {
      operationName: { value: "Microsoft.Security/locations/alerts/activate/action" },
      eventName: { value: "Suspected brute force attack" },
      correlationId: id,
      eventTimestamp: "2026-11-23T09:15:00.1234567Z",
      status: { value: "Active" },
      properties: { severity: "High", intent: '["PreAttack"]' },
    };

    expect([overGraph, overActivityLog].map((payload) => read(payload).key)).toEqual([read(flat).key, read(flat).key]);
  });
});

describe("one alert of Defender for Endpoint", () => {
  const endpointId = "da638990000000000000_-123456789";
  const mdeDeviceId = "0123456789abcdef0123456789abcdef01234567";
  const title = "Suspicious execution of hidden file";

  it("has one key, type, severity and victim over Graph, its own API and the incidents of Defender XDR", () => {
    const overGraph = {
      "@odata.type": "#microsoft.graph.security.alert",
      id: endpointId,
      providerAlertId: endpointId,
      serviceSource: "microsoftDefenderForEndpoint",
      title,
      category: "DefenseEvasion",
      severity: "medium",
      status: "new",
      createdDateTime: "2026-11-23T09:21:07.4561239Z",
      evidence: [
        { "@odata.type": "#microsoft.graph.security.deviceEvidence", mdeDeviceId, roles: [], verdict: "unknown" },
      ],
    };
    const overItsApi = {
      id: endpointId,
      incidentId: 7,
      title,
      category: "DefenseEvasion",
      severity: "Medium",
      status: "New",
      investigationState: "Queued",
      detectionSource: "WindowsDefenderAtp",
      alertCreationTime: "2026-11-23T09:21:07.4561239Z",
      machineId: mdeDeviceId,
      evidence: [
        { entityType: "File", sha1: "ff836cfb1af40252bd2a2ea843032e99a5b262ed", fileName: "a.exe", filePath: "C:\\a" },
      ],
    };
    const inIncident = {
      incidentId: 7,
      incidentName: title,
      status: "Active",
      severity: "Medium",
      createdTime: "2026-11-23T09:21:07.4561239Z",
      alerts: [
        {
          alertId: endpointId,
          providerAlertId: endpointId,
          incidentId: 7,
          serviceSource: "MicrosoftDefenderForEndpoint",
          creationTime: "2026-11-23T09:21:07.4561239Z",
          title,
          category: "DefenseEvasion",
          severity: "Medium",
          status: "New",
          devices: [{ mdatpDeviceId: mdeDeviceId }],
          entities: [],
        },
      ],
    };

    const alerts = [overGraph, overItsApi, inIncident].map(read);

    expect(alerts.map(({ family }) => family)).toEqual(["graph-alert", "endpoint-alert", "xdr-incident"]);
    for (const alert of alerts) {
      expect(alert).toMatchObject({
        key: alertKey("defender-for-endpoint", endpointId),
        type: "DefenseEvasion",
        severity: "Medium",
      });
      expect(alert.entities).toContainEqual(expect.objectContaining({ kind: "host", role: "victim", mdeDeviceId }));
      expect(alert.entities.filter(({ role }) => role === "attacker")).toEqual([]);
    }
  });
});

describe("one alert of Defender for Cloud Apps", () => {
  it("has one key over Graph, which calls its id the provider's, and its own API", () => {
    const cloudAppsId = "66f000000000000000000001";
    const overGraph = {
      "@odata.type": "#microsoft.graph.security.alert",
      id: `ca${cloudAppsId}`,
      providerAlertId: cloudAppsId,
      serviceSource: "microsoftDefenderForCloudApps",
      title: "Impossible travel activity",
      category: "InitialAccess",
      severity: "medium",
      status: "new",
      createdDateTime: "2026-11-23T09:21:07Z",
      evidence: [],
    };
    const overItsApi = {
      _id: cloudAppsId,
      idValue: 15859716,
      title: "Impossible travel activity",
      severityValue: 1,
      resolutionStatusValue: 0,
      timestamp: 1_795_425_667_000,
      entities: [],
    };

    const [graph, own] = [read(overGraph), read(overItsApi)];

    expect(own.key).toBe(alertKey("defender-for-cloud-apps", cloudAppsId));
    expect(graph).toMatchObject({ key: own.key, severity: own.severity, status: own.status });
  });
});
