import type { ExpectedReading } from "../../../support/expected-reading.ts";

/** Answers to our own questions about an incident: alone they say nothing about what incident they belong to. */
const answer: ExpectedReading = { ignored: /Sentinel/i };

export const expected: Readonly<Record<string, readonly ExpectedReading[]>> = {
  "arm_incident_no_alerts.json": [
    {
      fetch: {
        what: "sentinel-incident",
        armId:
          "/subscriptions/0ce65e6b-a780-44ca-9e51-df965e27aefe/resourceGroups/integrationLab/providers/Microsoft.OperationalInsights/workspaces/sentinel/providers/Microsoft.SecurityInsights/Incidents/1505",
      },
    },
  ],
  "spec_incident_alerts_list.json": [answer],
  "spec_incident_entities_list.json": [answer],
};
