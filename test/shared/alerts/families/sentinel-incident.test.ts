import { describe, expect, it } from "vitest";
import { alertKey } from "../../../../shared/alerts/alert-key.ts";
import {
  combineIncident,
  isSentinelIncident,
  readSentinelIncident,
} from "../../../../shared/alerts/families/sentinel-incident.ts";
import {
  alertIn,
  armId,
  combined,
  entity,
  incidentWith,
  type Json,
  memberWith,
  name,
  ticks,
} from "../../../support/a-sentinel-incident.ts";

/** What the incident trigger of a Logic App posts. */
const trigger = (properties: Json, id: unknown = armId) => ({
  objectSchemaType: "Incident",
  objectEventType: "Create",
  workspaceInfo: { SubscriptionId: "00000000-0000-4000-8000-000000000001", WorkspaceName: "contoso-soc" },
  object: { ...incidentWith(properties), id },
});

describe("an incident", () => {
  it("as a resource has to be fetched, for it holds neither alerts nor entities", () => {
    const incident = incidentWith();

    expect(isSentinelIncident(incident)).toBe(true);
    expect(readSentinelIncident(incident, "")).toEqual({
      fetch: { what: "sentinel-incident", armId, incident },
    });
  });

  it.each<[string, Json]>([
    ["nothing", {}],
    ["alerts alone", { alerts: [memberWith()] }],
    ["entities alone", { relatedEntities: [] }],
    ["no alerts though it has some", { alerts: [], relatedEntities: [] }],
  ])("that a Logic App posts with %s has to be fetched", (_, properties) => {
    const body = trigger(properties);

    expect(isSentinelIncident(body)).toBe(true);
    expect(readSentinelIncident(body, "")).toMatchObject({ fetch: { armId, incident: body.object } });
  });

  it("that a Logic App posts whole becomes an Alert at once", () => {
    const body = trigger({ alerts: [memberWith()], relatedEntities: [entity("Ip", { address: "203.0.113.7" })] });

    expect(alertIn(readSentinelIncident(body, "body"))).toMatchObject({
      key: alertKey("sentinel", name),
      type: "SQL.VM_BruteForce",
      entities: [
        {
          kind: "ip",
          role: "attacker",
          foundAt: "body.object.properties.relatedEntities[0].properties.address",
          address: "203.0.113.7",
        },
      ],
    });
  });

  it.each([
    "https://contoso.example/incident",
    `${armId}/comments/1`,
    `${armId}?api-version=1`,
    armId.replace("rg-soc", ".."),
    armId.replace("SecurityInsights", "Contoso"),
    null,
    7,
  ])("is not fetched from %j", (id) => {
    expect(readSentinelIncident(trigger({}, id), "")).toEqual({
      refused: "object.id is not the ARM id of a Sentinel incident",
    });
  });

  it("is refused when the trigger's body holds none", () => {
    expect(readSentinelIncident({ objectSchemaType: "Incident" }, "")).toHaveProperty("refused");
  });
});

describe("an incident and its alerts become one Alert", () => {
  it("that says what is known of it", () => {
    expect(combined([memberWith()])).toEqual({
      key: alertKey("sentinel", name),
      source: "sentinel",
      family: "sentinel-incident",
      productId: name,
      type: "SQL.VM_BruteForce",
      title: "Brute force against the shop",
      description: "d",
      severity: "High",
      status: "new",
      sample: false,
      incident: true,
      members: [alertKey("defender-for-cloud", ticks)],
      tactics: ["PreAttack", "CredentialAccess"],
      techniques: ["T1110"],
      raisedAt: "2026-11-23T09:15:00.123Z",
      updatedAt: "2026-11-23T09:20:00.000Z",
      references: {
        armId,
        portal: `https://portal.azure.com/#asset/Microsoft_Azure_Security_Insights/Incident${armId}`,
      },
      entities: [],
      notes: [],
    });
  });

  it.each<[string, Json, string]>([
    ["Defender for Cloud, passed on", {}, alertKey("defender-for-cloud", ticks)],
    [
      "Defender for Cloud, by its own id",
      { systemAlertId: ticks, providerAlertId: "x" },
      alertKey("defender-for-cloud", ticks),
    ],
    [
      "Defender for Cloud, without any other",
      { systemAlertId: "g", providerAlertId: undefined },
      alertKey("defender-for-cloud", "g"),
    ],
    [
      "Defender for Endpoint",
      { productName: "Microsoft Defender Advanced Threat Protection", providerAlertId: "da1_1" },
      alertKey("defender-for-endpoint", "da1_1"),
    ],
    [
      "a rule of Sentinel",
      { productName: "Azure Sentinel", providerAlertId: undefined, systemAlertId: "s" },
      alertKey("sentinel", "s"),
    ],
    ["a partner", { vendorName: "Fabrikam", providerAlertId: "f", systemAlertId: "s" }, alertKey("other", "s")],
  ])("that knows the alert of %s by the key it has elsewhere", (_, properties, key) => {
    expect(combined([memberWith(properties)]).members).toEqual([key]);
  });

  it.each<[string, Json[], string]>([
    ["one alert", [{}], "SQL.VM_BruteForce"],
    ["two of a kind", [{}, { systemAlertId: "2" }], "SQL.VM_BruteForce"],
    ["two kinds", [{}, { alertType: "SQL.VM_Other" }], "Incident"],
    ["one without a kind", [{}, { alertType: null }], "Incident"],
    ["none", [], "Incident"],
    ["a sample", [{ alertType: "SIMULATED_KV_TORAccess" }], "KV_TORAccess"],
  ])("whose type is that of %s", (_, members, type) => {
    expect(combined(members.map(memberWith)).type).toBe(type);
  });

  it.each<[Json, string, string | undefined]>([
    [{ status: "New" }, "new", undefined],
    [{ status: "Active" }, "inProgress", undefined],
    [{ status: "Closed", classification: "FalsePositive" }, "resolved", "false-positive"],
    [{ status: "Closed", classification: "BenignPositive" }, "resolved", "benign"],
    [{ status: "Closed", classification: "TruePositive" }, "resolved", "true-positive"],
    [{ status: "Closed", classification: "Undetermined" }, "resolved", undefined],
  ])("whose state %j is %s, %s", (properties, status, classification) => {
    const alert = combined([], [], properties);

    expect([alert.status, alert.classification]).toEqual([status, classification]);
  });

  it("that is a sample when one of its alerts is, for the sample's made-up addresses are among the entities", () => {
    expect(combined([memberWith(), memberWith({ alertType: "SIMULATED_X" })]).sample).toBe(true);
    expect(combined([memberWith({ alertDisplayName: "[SAMPLE ALERT] x" })]).sample).toBe(true);
    expect(combined([memberWith({ description: "he wrote [SAMPLE ALERT]" })]).sample).toBe(false);
  });

  it("that bears the Defender portal's number only if that portal made it", () => {
    const made = { providerName: "Microsoft XDR", providerIncidentId: "4711" };

    expect(combined([], [], made).references.incidentId).toBe("4711");
    expect(combined([], [], { ...made, providerName: "Azure Sentinel" }).references).not.toHaveProperty("incidentId");
  });

  it("also out of a flat dump in snake_case", () => {
    const { properties, ...resource } = incidentWith();
    const { createdTimeUtc, lastModifiedTimeUtc, additionalData, ...flat } = properties as Json;
    const dump = {
      ...resource,
      ...flat,
      created_time_utc: "2026-11-23T09:15:00.123456+00:00",
      last_modified_time_utc: lastModifiedTimeUtc,
      additional_data: additionalData,
    };

    expect(createdTimeUtc).toBeDefined();
    expect(alertIn(combineIncident(dump, [memberWith()], [], ""))).toEqual(combined([memberWith()]));
  });

  it.each<[string, Json]>([
    ["properties.severity", { severity: "Severe" }],
    ["properties.status", { status: "Pondering" }],
    ["properties.createdTimeUtc", { createdTimeUtc: "yesterday" }],
  ])("but not without %s: %j", (field, properties) => {
    expect(combineIncident(incidentWith(properties), [], [], "")).toEqual({
      refused: expect.stringContaining(field),
    });
  });
});
