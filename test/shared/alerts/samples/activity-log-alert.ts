import type { ExpectedReading } from "../../../support/expected-reading.ts";

export const expected: Readonly<Record<string, readonly ExpectedReading[]>> = {
  "aks_clusteradmin_binding.json": [
    {
      alert: {
        source: "defender-for-cloud",
        family: "activity-log",
        productId: "2518250008431989649_e7313e05-edf4-466d-adfd-35974921aeff",
        type: "PREVIEW - Role binding to the cluster-admin role detected",
        title: { from: "eventName.value" },
        description: { from: "description" },
        // `level` is Informational, always: that is the record's, not the alert's.
        severity: "Low",
        status: "new",
        sample: false,
        incident: false,
        members: [],
        tactics: ["Persistence"],
        techniques: [],
        raisedAt: "2019-12-25T18:52:36.801Z",
        references: { armId: { from: "resourceId" } },
        // The resource of the record is the alert itself; names of subjects and users stand under keys that no rule knows.
        entities: [],
      },
    },
  ],
};
