import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Alert } from "../../../../shared/alerts/alert.ts";
import { alertKey } from "../../../../shared/alerts/alert-key.ts";
import { isGraphAlert, readGraphAlert } from "../../../../shared/alerts/families/graph-alert.ts";
import type { Json } from "../../../../shared/alerts/fields.ts";
import { readAlert } from "../../../../shared/alerts/read-alert.ts";

const payload: Json = {
  "@odata.type": "#microsoft.graph.security.alert",
  id: "fa0c1d2e3f-1111-4222-8333-444455556666",
  providerAlertId: "0c1d2e3f-1111-4222-8333-444455556666",
  incidentId: "4711",
  status: "new",
  severity: "medium",
  classification: "unknown",
  serviceSource: "microsoftDefenderForOffice365",
  title: "A user clicked through to a malicious link",
  description: "Alice followed a link.",
  category: "InitialAccess",
  alertWebUrl: "https://security.microsoft.com/alerts/fa0c1d2e3f-1111-4222-8333-444455556666?tid=contoso",
  mitreTechniques: ["T1566.002", "not one"],
  createdDateTime: "2026-11-20T08:01:00.7211305Z",
  firstActivityDateTime: "2026-11-20T08:00:00.1234567Z",
  lastUpdateDateTime: "2026-11-20T09:30:00Z",
  evidence: [],
};

function alertOf(changes: Json = {}): Alert {
  const reading = readGraphAlert({ ...payload, ...changes }, "");
  if (!("alert" in reading)) throw new Error(JSON.stringify(reading));
  expect(Alert.parse(reading.alert)).toEqual(reading.alert);
  return reading.alert;
}
const refusalOf = (changes: Json) => readGraphAlert({ ...payload, ...changes }, "value[0]");

describe("an alert of Graph", () => {
  it("says what is known of it", () => {
    expect(alertOf()).toEqual({
      key: alertKey("defender-for-office-365", "0c1d2e3f-1111-4222-8333-444455556666"),
      source: "defender-for-office-365",
      family: "graph-alert",
      productId: "0c1d2e3f-1111-4222-8333-444455556666",
      type: "InitialAccess",
      title: "A user clicked through to a malicious link",
      description: "Alice followed a link.",
      severity: "Medium",
      status: "new",
      sample: false,
      incident: false,
      members: [],
      tactics: ["InitialAccess"],
      techniques: ["T1566.002"],
      raisedAt: "2026-11-20T08:00:00.123Z",
      updatedAt: "2026-11-20T09:30:00.000Z",
      references: {
        graphId: "fa0c1d2e3f-1111-4222-8333-444455556666",
        portal: "https://security.microsoft.com/alerts/fa0c1d2e3f-1111-4222-8333-444455556666?tid=contoso",
        incidentId: "4711",
      },
      entities: [],
      notes: [],
    });
  });

  it("is found in a list, told by its type or by what it holds, and is no other alert's evidence", () => {
    const { "@odata.type": _, ...untyped } = payload;

    expect(readAlert({ value: [payload] })).toHaveProperty("alert.family", "graph-alert");
    expect(isGraphAlert(untyped)).toBe(true);
    expect(isGraphAlert({ ...untyped, serviceSource: undefined })).toBe(false);
    expect(isGraphAlert({ at_sign_odata_type: "#microsoft.graph.security.alert" })).toBe(true);
    expect(isGraphAlert({ "@odata.type": "#microsoft.graph.security.alertEvidence" })).toBe(false);
  });

  it.each([
    ["new", "new"],
    ["unknown", "new"],
    [null, "new"],
    ["inProgress", "inProgress"],
    ["resolved", "resolved"],
  ])("of status %s is %s", (status, expected) => {
    expect(alertOf({ status }).status).toBe(expected);
  });

  it.each([
    ["falsePositive", "false-positive"],
    ["truePositive", "true-positive"],
    ["informationalExpectedActivity", "benign"],
    ["unknown", undefined],
    [null, undefined],
  ])("classified %s is %s", (classification, expected) => {
    expect(alertOf({ classification }).classification).toBe(expected);
  });

  it.each(["unknown", "unknownFutureValue", null])("of severity %s is informational, and says so", (severity) => {
    expect(alertOf({ severity })).toMatchObject({
      severity: "Informational",
      notes: ["severity is not given: read as Informational"],
    });
  });

  it("without a category can only be matched by playbooks for any type", () => {
    expect(alertOf({ category: null })).toMatchObject({ type: "Unknown", tactics: [] });
    expect(alertOf({ category: "Malware" })).toMatchObject({ type: "Malware", tactics: [] });
  });

  it.each([
    [{ serviceSource: "microsoftDefenderForEndpoint" }, "defender-for-endpoint"],
    [{ serviceSource: "azureAdIdentityProtection" }, "entra-id-protection"],
    [{ serviceSource: "dataLossPrevention" }, "purview"],
    [{ serviceSource: "unknownFutureValue", productName: "Microsoft Defender for Cloud" }, "defender-for-cloud"],
    [{ serviceSource: "unknownFutureValue", productName: "Contoso Sensor" }, "other"],
  ])("of %j is of %s", (product, source) => {
    expect(alertOf(product).source).toBe(source);
  });

  it.each([
    "http://security.microsoft.com/alerts/1",
    "https://security.microsoft.com.evil.example/alerts/1",
    "https://security.microsoft.com@evil.example/",
    "https://portal.azure.com/#blade",
    "javascript:alert(1)",
    42,
  ])("does not lead people to %s", (alertWebUrl) => {
    expect(alertOf({ alertWebUrl }).references).not.toHaveProperty("portal");
  });

  it("has one key by Graph's id and by the provider's", () => {
    expect(alertOf({ providerAlertId: null }).key).toBe(alertOf().key);
    expect(alertOf({ providerAlertId: null }).productId).toBe(payload.id);
    expect(alertOf({ providerAlertId: "da637551227677560813_-961444813" }).key).toBe(
      alertKey("defender-for-office-365", "da637551227677560813_-961444813"),
    );
  });

  it.each([
    [{ id: null, providerAlertId: "" }, "no id in value[0].providerAlertId or value[0].id"],
    [{ status: "unknownFutureValue" }, "value[0].status is not one that is known"],
    [{ severity: "terrible" }, "value[0].severity is not one of"],
    [
      { firstActivityDateTime: "0001-01-01T00:00:00Z", createdDateTime: null },
      "no time in value[0].firstActivityDateTime",
    ],
  ])("with %j is refused", (changes, reason) => {
    expect(refusalOf(changes)).toEqual({ refused: expect.stringContaining(reason) });
  });

  it("never throws", async () => {
    await fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(payload)), fc.jsonValue()), (changes) => {
        readGraphAlert({ ...payload, ...changes }, "");
      }),
      { numRuns: 300 },
    );
  });
});
