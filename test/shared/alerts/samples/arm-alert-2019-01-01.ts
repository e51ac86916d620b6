import type { ExpectedReading } from "../../../support/expected-reading.ts";

export const expected: Readonly<Record<string, readonly ExpectedReading[]>> = {
  "spec_threat_intelligence_reportedseverity.json": [
    {
      alert: {
        source: "defender-for-cloud",
        family: "arm-2019-01-01",
        productId: "2518770965529163669_F144EE95-A3E5-42DA-A279-967D115809AA",
        type: "ThreatIntelligence",
        title: { from: "properties.alertDisplayName" },
        description: { from: "properties.description" },
        severity: "High",
        status: "dismissed",
        sample: false,
        incident: false,
        members: [],
        tactics: [],
        techniques: [],
        raisedAt: "2018-05-01T19:50:47.083Z",
        references: { armId: { from: "id" } },
        entities: [
          {
            kind: "ip",
            role: "attacker",
            address: "192.0.2.1",
            class: "documentation",
            at: ['properties.extendedProperties["attacker IP"]'],
          },
          // "user Name" and "domain Name" stand beside it, and no rule says whose they are.
          {
            kind: "azure-resource",
            role: "victim",
            resourceId:
              "/subscriptions/20ff7fc3-e762-44dd-bd96-b71116dcdc23/resourceGroups/myRg1/providers/Microsoft.Compute/virtualMachines/vm1",
            at: ["properties.associatedResource"],
          },
        ],
      },
    },
  ],
};
