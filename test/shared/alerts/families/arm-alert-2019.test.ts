import { describe, expect, it } from "vitest";
import { alertKey } from "../../../../shared/alerts/alert-key.ts";
import { readAlert } from "../../../../shared/alerts/read-alert.ts";
import { read } from "../../../support/an-alert.ts";

type Json = Record<string, unknown>;

const name = "2516049539998765432_6b1f6a52-6a35-4c0a-9f0e-0d7c4a6f2b11";
const id = `/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-web/providers/Microsoft.Security/locations/westeurope/alerts/${name}`;
const machine =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachines/web-1";

const anOldAlert = (properties: Json = {}, resource: Json = {}): Json => ({
  id,
  name,
  type: "Microsoft.Security/Locations/alerts",
  ...resource,
  properties: {
    vendorName: "Microsoft",
    alertDisplayName: "Threat intelligence alert",
    alertName: "ThreatIntelligence",
    detectedTimeUtc: "2026-11-23T09:15:00.083633Z",
    reportedTimeUtc: "2026-11-23T09:30:00Z",
    description: "A process spoke with a known address.",
    remediationSteps: "end the process\r\nscan the machine",
    reportedSeverity: "High",
    compromisedEntity: "web-1",
    associatedResource: machine,
    extendedProperties: { "attacker IP": "203.0.113.7" },
    state: "Active",
    isIncident: false,
    entities: [{ address: "203.0.113.7", type: "ip" }],
    ...properties,
  },
});

describe("an alert of the REST API of 2019", () => {
  it("is read by its own names", () => {
    expect(read(anOldAlert())).toMatchObject({
      key: alertKey("defender-for-cloud", name),
      family: "arm-2019-01-01",
      productId: name,
      type: "ThreatIntelligence",
      title: "Threat intelligence alert",
      severity: "High",
      status: "new",
      raisedAt: "2026-11-23T09:15:00.083Z",
      references: { armId: id },
      entities: [
        { kind: "azure-resource", role: "victim", resourceId: machine, foundAt: "properties.associatedResource" },
        { kind: "ip", role: "attacker", address: "203.0.113.7" },
      ],
      notes: [],
    });
  });

  it.each([
    ["Active", "new"],
    ["Dismissed", "dismissed"],
    ["Resolved", "resolved"],
    [undefined, "new"],
  ])("in the state %s is %s", (state, status) => {
    expect(read(anOldAlert({ state })).status).toBe(status);
  });

  it("falls back to the time it was reported", () => {
    expect(read(anOldAlert({ detectedTimeUtc: "0001-01-01T00:00:00" })).raisedAt).toBe("2026-11-23T09:30:00.000Z");
  });

  it.each([
    ["name", {}, { name: undefined }],
    ["alertName", { alertName: undefined }, {}],
    ["reportedSeverity|severity", { reportedSeverity: "Severe" }, {}],
    ["state|status", { state: "Archived" }, {}],
  ])("without a usable %s is refused by that name", (named, properties, resource) => {
    expect(readAlert(anOldAlert(properties, resource))).toEqual({ refused: expect.stringMatching(named) });
  });

  it("is no alert of 2019 once it has a type", () => {
    expect(read(anOldAlert({ alertType: "VM_X", systemAlertId: name })).family).toBe("arm-2022-01-01");
  });
});
