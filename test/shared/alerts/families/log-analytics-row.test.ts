import { describe, expect, it } from "vitest";
import { alertKey } from "../../../../shared/alerts/alert-key.ts";
import { addressesOf, read } from "../../../support/an-alert.ts";

type Json = Record<string, unknown>;

const systemAlertId = "2516049539998765432_6b1f6a52-6a35-4c0a-9f0e-0d7c4a6f2b11";
const agentId = "46fe7078-61bb-4bed-9430-7ac01d91c273";
const machine =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachines/web-1";
const host = { $id: "4", HostName: "web-1", OSFamily: "Windows", Type: "host" };

/** As the table exports it: every value is text. */
const aRow = (changes: Json = {}): Json => ({
  TenantId: "00000000-0000-4000-8000-0000000000a1",
  StartTimeUtc: "2026-11-23 09:15:00",
  ProviderAlertId: "6b1f6a52-6a35-4c0a-9f0e-0d7c4a6f2b11",
  SystemAlertId: systemAlertId,
  ProviderName: "Detection",
  VendorName: "Microsoft",
  AlertType: "Failed RDP brute force attack",
  AlertDisplayName: "Failed RDP brute force attack",
  Description: "Several failed sign-ins.",
  Severity: "Low",
  IsIncident: "False",
  ExtendedProperties: JSON.stringify({ source: "FreeRDP (203.0.113.7)", resourceType: "Virtual Machine" }, null, 2),
  Entities: JSON.stringify([host], null, 2),
  ExtendedLinks: "",
  TimeGenerated: "2026-11-23 09:21:07",
  ResourceId: machine,
  SourceComputerId: "",
  CompromisedEntity: "WEB-1",
  ...changes,
});

const entities = (...list: Json[]): Json => ({ Entities: JSON.stringify(list) });

describe("a row of Log Analytics", () => {
  it("is read out of its texts", () => {
    expect(read(aRow())).toMatchObject({
      key: alertKey("defender-for-cloud", systemAlertId),
      family: "log-analytics",
      productId: systemAlertId,
      type: "Failed RDP brute force attack",
      severity: "Low",
      status: "new",
      incident: false,
      raisedAt: "2026-11-23T09:15:00.000Z",
      notes: [],
    });
    expect(read(aRow()).entities).toEqual([
      { kind: "azure-resource", role: "victim", resourceId: machine, foundAt: "ResourceId" },
      { kind: "host", role: "victim", name: "web-1", foundAt: "Entities[0]" },
      {
        kind: "ip",
        role: "attacker",
        address: "203.0.113.7",
        class: "documentation",
        foundAt: 'ExtendedProperties["source"]',
      },
    ]);
  });

  it("of a newer table has other columns", () => {
    const { StartTimeUtc, AlertDisplayName, Severity, ...rest } = aRow();
    const row = {
      ...rest,
      StartTime: StartTimeUtc,
      DisplayName: AlertDisplayName,
      AlertSeverity: Severity,
      Status: "InProgress",
      Tactics: "CredentialAccess, InitialAccess",
      Techniques: '["T1110"]',
      AlertLink: `https://portal.azure.com/#x/alertId/${systemAlertId}/subscriptionId/s-1/resourceGroup/rg/location/westeurope`,
    };

    expect(read(row)).toMatchObject({
      title: "Failed RDP brute force attack",
      severity: "Low",
      status: "inProgress",
      raisedAt: "2026-11-23T09:15:00.000Z",
      tactics: ["CredentialAccess", "InitialAccess"],
      techniques: ["T1110"],
      references: {
        armId: `/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.Security/locations/westeurope/alerts/${systemAlertId}`,
      },
    });
  });

  it("says True and False", () => {
    expect(read(aRow({ IsIncident: "True" })).incident).toBe(true);
  });

  it.each(["", "null", "[]", "{}"])("without anything in its structures (%j) is a row all the same", (nothing) => {
    const alert = read(
      aRow({ Entities: nothing === "{}" ? "" : nothing, ExtendedProperties: nothing === "[]" ? "" : nothing }),
    );

    expect(alert).toMatchObject({ family: "log-analytics", notes: [] });
    expect(addressesOf(alert, "attacker")).toEqual([]);
  });

  it("whose structures were cut off is read without them, and says so", () => {
    const alert = read(aRow({ Entities: '[{"$id":"3","Address":"203.0.1', ExtendedProperties: "[1]" }));

    expect(alert.entities.map(({ kind }) => kind)).toEqual(["azure-resource"]);
    expect(alert.notes.join()).toMatch(
      /ExtendedProperties: no object.*|Entities: text of 30 characters that is no JSON/,
    );
    expect(alert.notes).toHaveLength(2);
  });

  it("holds references within its text", () => {
    const alert = read(
      aRow(
        entities(
          { $id: "3", Address: "203.0.113.9", Type: "ip" },
          { $id: "5", SourceAddress: { $ref: "3" }, Type: "network-connection" },
          { $ref: "3" },
        ),
      ),
    );

    expect(alert.entities).toContainEqual(
      expect.objectContaining({ role: "attacker", address: "203.0.113.9", foundAt: "Entities[0].Address" }),
    );
  });

  it.each([
    [{ ProviderName: "MDATP" }, "defender-for-endpoint", "6b1f6a52-6a35-4c0a-9f0e-0d7c4a6f2b11"],
    [
      { ProductName: "Microsoft Cloud App Security", VendorOriginalId: "603f704a" },
      "defender-for-cloud-apps",
      "603f704a",
    ],
    // On the other ways a partner's alert has no id but that of Defender for Cloud.
    [{ VendorName: "Contoso WAF" }, "other", systemAlertId],
    [{ VendorName: "Contoso WAF", VendorOriginalId: "x" }, "other", systemAlertId],
    [{ ProductName: "Azure Security Center", VendorOriginalId: "x" }, "defender-for-cloud", systemAlertId],
  ])("of %j is %s's, under its own id", (changes, source, productId) => {
    expect(read(aRow(changes))).toMatchObject({ source, productId });
  });

  it("tells the agent of its one machine", () => {
    const alert = read(aRow({ SourceComputerId: agentId }));

    expect(alert.entities.filter(({ kind }) => kind === "host")).toEqual([
      { kind: "host", role: "victim", name: "web-1", agentId, foundAt: "Entities[0]" },
    ]);
  });

  it("does not say which of two machines the agent is on, nor whether it is one that has another", () => {
    const two = read(aRow({ ...entities(host, { HostName: "web-2", Type: "host" }), SourceComputerId: agentId }));
    const other = "9a1b2c3d-4e5f-4a6b-8c7d-8e9f0a1b2c3d";
    const one = read(aRow({ ...entities({ ...host, OMSAgentID: other }), SourceComputerId: agentId }));

    expect(two.entities).toContainEqual({ kind: "host", role: "victim", agentId, foundAt: "SourceComputerId" });
    expect(one.entities).toContainEqual({
      kind: "host",
      role: "victim",
      name: "web-1",
      agentId: other,
      foundAt: "Entities[0]",
    });
    expect(one.entities).toContainEqual({ kind: "host", role: "victim", agentId, foundAt: "SourceComputerId" });
  });

  it("with a machine's name where the agent's id belongs has no agent", () => {
    expect(JSON.stringify(read(aRow({ SourceComputerId: "web-1" })).entities)).not.toContain("agentId");
  });
});
