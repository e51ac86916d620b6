import { expect, it } from "vitest";
import { isNotAnAlert } from "../../../../shared/alerts/families/not-an-alert.ts";
import { readAlert } from "../../../../shared/alerts/read-alert.ts";

const scope = "/subscriptions/00000000-0000-4000-8000-000000000001";
const resource = (type: string) => ({ id: `${scope}/providers/${type}/1`, name: "1", type, properties: {} });

it.each<[string, object]>([
  ["an assessment", resource("Microsoft.Security/assessments")],
  ["a finding of an assessment", resource("Microsoft.Security/assessments/subAssessments")],
  ["a finding of an assessment", { $type: "x", Type: "Microsoft.Security/subAssessments", Properties: {} }],
  ["a secure score", resource("Microsoft.Security/secureScores")],
  ["a control of the secure score", resource("Microsoft.Security/secureScores/secureScoreControls")],
  ["a state of regulatory compliance", resource("Microsoft.Security/regulatoryComplianceStandards")],
  ["a record of continuous export", { securityEventDataEnrichment: { action: "Write" }, kind: "news" }],
  ["Event Grid's handshake for a subscription", { validationCode: "1", validationUrl: "https://rp.example/validate" }],
  [
    "a DeviceProcessEvents record of the XDR stream",
    { category: "AdvancedHunting-DeviceProcessEvents", properties: {} },
  ],
  [
    "an action on a machine",
    { id: "1", type: "Isolate", requestor: "a", machineId: "1", creationDateTimeUtc: "2026-11-23T09:15:00Z" },
  ],
  [
    "an action on a machine",
    { "@odata.context": "https://api.security.microsoft.com/api/$metadata#MachineActions/$entity" },
  ],
  [
    "one alert of a Sentinel incident, which is read with its incident",
    { kind: "SecurityAlert", properties: { systemAlertId: "1" } },
  ],
  [
    "one entity of a Sentinel incident, which is read with its incident",
    { type: "Microsoft.SecurityInsights/entities", kind: "Account", properties: {} },
  ],
  ["the list of a Sentinel incident's entities", { entities: [{ kind: "Ip" }], metaData: [] }],
  ["a Sentinel playbook's call about something else than an incident", { objectSchemaType: "Entity", object: {} }],
  ["a Sentinel resource", resource("Microsoft.SecurityInsights/Incidents/comments")],
  [
    "an incident without its alerts",
    { "@odata.type": "#microsoft.graph.security.incident", id: "7", displayName: "i" },
  ],
  ["an incident without its alerts", { incidentId: 7, incidentName: "i", alerts: [] }],
])("%s is ignored: %j", (what, payload) => {
  expect(readAlert(payload)).toEqual({ ignored: `no alert: ${what}` });
});

it("the elements of Sentinel's lists are ignored one by one", () => {
  expect(readAlert({ value: [{ kind: "SecurityAlert", properties: {} }] })).toHaveProperty("ignored");
});

it.each<[string, object]>([
  [
    "an exported alert of a shape nobody knows",
    { securityEventDataEnrichment: {}, type: "Microsoft.Security/Locations/alerts" },
  ],
  ["an exported alert with an id", { securityEventDataEnrichment: {}, SystemAlertId: "1" }],
  ["alert records of the XDR stream", { category: "AdvancedHunting-AlertInfo", properties: {} }],
  ["incidents with alerts", { incidentId: 7, incidentName: "i", alerts: [{ alertId: "1" }] }],
  ["Sentinel incidents", resource("Microsoft.SecurityInsights/Incidents")],
  ["events of others", { api: "PutBlockList", blobType: "BlockBlob" }],
  ["nothing", {}],
])("does not let %s go under", (_, payload) => {
  expect(isNotAnAlert({ ...payload })).toBe(false);
});
