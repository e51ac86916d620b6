import { describe, expect, it } from "vitest";
import { combined, entity, memberWith } from "../../../support/a-sentinel-incident.ts";
import { addressesOf, aPayload, read } from "../../../support/an-alert.ts";

const rolesOf = (alert: Parameters<typeof addressesOf>[0]) => ({
  attacker: addressesOf(alert, "attacker"),
  victim: addressesOf(alert, "victim"),
  context: addressesOf(alert, "context"),
});
const connection = { SourceAddress: "203.0.113.7", DestinationAddress: "198.51.100.9", Type: "network-connection" };
const alertOf = (AlertType: string, properties: object, entities: object[] = []) =>
  read(aPayload({ AlertType, ExtendedProperties: properties, Entities: entities, ResourceIdentifiers: [] }));

const outgoing = [
  "RDP_Outgoing_BF_OneToOne",
  "SSH_Outgoing_BF_OneToMany",
  "SIMULATED_ssh_outgoing_bf_onetoone",
  "PortScanning",
  "DDOS",
];

describe("an attack that goes out from a machine of ours", () => {
  it.each(outgoing)("names that machine as the attacker, and whom it attacks as the victim: %s", (type) => {
    const properties = { "Attacker IP": "203.0.113.7", "Victim IP": "198.51.100.9", "Possible Victims": "192.0.2.9" };

    expect(rolesOf(alertOf(type, properties))).toEqual({
      attacker: [],
      victim: ["203.0.113.7"],
      context: ["198.51.100.9", "192.0.2.9"],
    });
  });

  it("has no attacker in a lone address", () => {
    expect(rolesOf(alertOf("PortScanning", {}, [{ Address: "203.0.113.7", Type: "ip" }]))).toEqual({
      attacker: [],
      victim: [],
      context: ["203.0.113.7"],
    });
  });

  it("has its victim at the source of a connection", () => {
    expect(rolesOf(alertOf("DDOS", {}, [connection]))).toEqual({
      attacker: [],
      victim: ["203.0.113.7"],
      context: ["198.51.100.9"],
    });
  });

  it.each(["RDP_Incoming_BF_OneToOne", "NETWORK_DDOS_DETECTED", "PortScanningOfUs"])(
    "is told by its type alone: %s is none",
    (type) => {
      expect(
        rolesOf(alertOf(type, { "Attacker IP": "203.0.113.7", "Possible Victims": "192.0.2.9" }, [connection])),
      ).toEqual({ attacker: ["203.0.113.7"], victim: ["192.0.2.9", "198.51.100.9"], context: [] });
    },
  );

  it("has none in an incident of Sentinel", () => {
    const member = memberWith({
      alertType: "SSH_Outgoing_BF_OneToMany",
      additionalData: { "Attacker IP": "203.0.113.7" },
    });
    const addresses = [entity("Ip", { address: "203.0.113.7" }), entity("Ip", { address: "198.51.100.9" })];

    expect(rolesOf(combined([member], addresses))).toEqual({
      attacker: [],
      victim: ["203.0.113.7"],
      context: ["198.51.100.9"],
    });
  });
});

describe("an alert of Defender for Cloud out of Graph", () => {
  const graphAlert = (title: string, additionalData: unknown, more = {}) => ({
    "@odata.type": "#microsoft.graph.security.alert",
    id: "dc6b1f6a52-6a35-4c0a-9f0e-0d7c4a6f2b11",
    providerAlertId: "6b1f6a52-6a35-4c0a-9f0e-0d7c4a6f2b11",
    serviceSource: "microsoftDefenderForCloud",
    severity: "medium",
    status: "new",
    title,
    category: "CredentialAccess",
    createdDateTime: "2026-11-23T09:15:00Z",
    additionalData,
    evidence: ["203.0.113.7", "198.51.100.9"].map((ipAddress) => ({
      "@odata.type": "#microsoft.graph.security.ipEvidence",
      ipAddress,
      roles: [],
    })),
    ...more,
  });
  const both = { "Attacker IP": "203.0.113.7", "Victim IP": "198.51.100.9", Intent: 8193 };

  it("says in its additional data who attacked whom", () => {
    const alert = read(graphAlert("Suspicious incoming RDP network activity", both));

    expect(rolesOf(alert)).toEqual({ attacker: ["203.0.113.7"], victim: ["198.51.100.9"], context: [] });
    expect(alert.entities[0]).toMatchObject({ foundAt: 'additionalData["Attacker IP"]' });
  });

  it.each([
    "Suspicious outgoing RDP network activity",
    "[SAMPLE ALERT] Possible outgoing port scanning activity detected",
  ])("says in its title that the attack goes out: %s", (title) => {
    expect(rolesOf(read(graphAlert(title, both)))).toEqual({
      attacker: [],
      victim: ["203.0.113.7"],
      context: ["198.51.100.9"],
    });
  });

  it.each([undefined, null, "{}", []])("may come without them (%j)", (additionalData) => {
    expect(read(graphAlert("Suspicious incoming RDP network activity", additionalData)).notes).toEqual([]);
  });

  it("alone brings extended properties there", () => {
    const alert = read(graphAlert("t", both, { serviceSource: "microsoftDefenderForEndpoint" }));

    expect(addressesOf(alert, "attacker")).toEqual(["203.0.113.7", "198.51.100.9"]);
  });

  it.each([
    "Servers",
    "Storage",
    "DNS",
    "Databases",
    "Containers",
    "Network",
    "AppService",
    "KeyVault",
    "ResourceManager",
    "ApiManagement",
    "AIServices",
  ])("is told by its plan where the product goes unnamed: %s", (plan) => {
    const detectionSource = `microsoftDefenderFor${plan}`;

    for (const serviceSource of ["unknownFutureValue", undefined])
      expect(read(graphAlert("t", {}, { serviceSource, detectionSource })).source).toBe("defender-for-cloud");
    expect(read(graphAlert("t", {}, { serviceSource: "securityCopilot", detectionSource })).source).toBe("other");
  });
});
