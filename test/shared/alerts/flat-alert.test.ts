import { describe, expect, it } from "vitest";
import type { Alert } from "../../../shared/alerts/alert.ts";
import { readAlert } from "../../../shared/alerts/read-alert.ts";
import { addressesOf, aPayload, aPayloadWith, read, rekey } from "../../support/an-alert.ts";

const serviceId =
  "/SUBSCRIPTIONS/00000000-0000-4000-8000-000000000001/RESOURCEGROUPS/rg-shop/providers/Microsoft.ApiManagement/service/contoso-shop";

const firstSmall = (key: string) => key.charAt(0).toLowerCase() + key.slice(1);
const mixed = (key: string) => [...key].map((char, at) => (at % 2 ? char.toUpperCase() : char.toLowerCase())).join("");

/** Where a thing stood is told in the payload's own spelling, so that alone may differ. */
function spelledAlike(alert: Alert): unknown {
  const entities = alert.entities.map((entity) => ({ ...entity, foundAt: entity.foundAt.toLowerCase() }));
  return { ...alert, entities };
}

describe("an alert of Defender for APIs", () => {
  it("names the caller, the endpoint and the service", () => {
    expect(read(aPayload())).toEqual({
      key: expect.stringMatching(/^defender-for-cloud-[0-9a-f]{32}$/),
      source: "defender-for-cloud",
      family: "flat",
      productId: "2516049539998765432_6b1f6a52-6a35-4c0a-9f0e-0d7c4a6f2b11",
      type: "API_ParameterEnumeration",
      title: "Parameter enumeration on an API endpoint",
      description: "A single IP address was observed enumerating parameters when accessing one of the API endpoints.",
      severity: "Medium",
      status: "new",
      sample: false,
      incident: false,
      members: [],
      tactics: ["InitialAccess"],
      techniques: [],
      raisedAt: "2026-11-23T09:15:00.123Z",
      references: {},
      entities: expect.toSatisfy((entities: Alert["entities"]) => entities.length === 3),
      notes: [],
    });
    expect(read(aPayload()).entities).toEqual(
      expect.arrayContaining([
        {
          kind: "ip",
          role: "attacker",
          address: "203.0.113.66",
          class: "documentation",
          foundAt: 'ExtendedProperties["Actor (Client IP)"]',
        },
        { kind: "azure-resource", role: "victim", resourceId: serviceId, foundAt: "ResourceIdentifiers[0]" },
        {
          kind: "api-endpoint",
          role: "victim",
          method: "GET",
          host: "contoso-shop.azure-api.net",
          path: "/orders/1004",
          foundAt: 'ExtendedProperties["Api Endpoint"]',
        },
      ]),
    );
  });

  it.each([
    ["camelCase", firstSmall],
    ["small letters", (key: string) => key.toLowerCase()],
    ["capitals", (key: string) => key.toUpperCase()],
    ["mixed case", mixed],
  ])("is the same alert with its keys in %s", (_, spell) => {
    expect(spelledAlike(read(rekey(aPayload(), spell)))).toEqual(spelledAlike(read(aPayload())));
  });

  it("is the same alert with other letter case in its values", () => {
    const shouted = aPayload({ Severity: "MEDIUM", Status: "NEW" });

    expect(read(shouted)).toEqual(read(aPayload()));
  });

  it("has one key over every path: as the REST API gives it, and with its id in other letter case", () => {
    const { SystemAlertId: id, ...rest } = aPayload();
    const shouted = { ...rest, SystemAlertId: String(id).toUpperCase() };
    const resource = {
      type: "Microsoft.Security/Locations/alerts",
      properties: { ...Object.fromEntries(Object.entries(aPayload()).map(([key, value]) => [firstSmall(key), value])) },
    };

    expect(read(resource).family).toBe("arm-2022-01-01");
    expect(new Set([read(aPayload()), read(shouted), read(resource)].map(({ key }) => key)).size).toBe(1);
  });

  it.each([
    ["Active", "new"],
    ["New", "new"],
    ["InProgress", "inProgress"],
    ["Resolved", "resolved"],
    ["Dismissed", "dismissed"],
  ])("that is %s counts as %s", (Status, status) => {
    expect(read(aPayload({ Status })).status).toBe(status);
  });

  it.each([
    ["its type says so", { AlertType: "SIMULATED_API_SprayInRequests" }],
    ["its type says so in other letter case", { AlertType: "simulated_API_SprayInRequests" }],
    ["its title says so", { AlertDisplayName: "[SAMPLE ALERT] Parameter enumeration" }],
    ["its description says so", { Description: "THIS IS A SAMPLE ALERT: parameters were enumerated" }],
  ])("is a sample when %s", (_, changes) => {
    expect(read(aPayload(changes)).sample).toBe(true);
  });

  it("takes no alert for a sample because of words that an attacker could have put there", () => {
    const text = "User agent: [SAMPLE ALERT] THIS IS A SAMPLE ALERT SIMULATED_";

    expect(read(aPayload({ Description: text, AlertDisplayName: text })).sample).toBe(false);
  });

  it.each([
    ["SystemAlertId", undefined, "systemAlertId"],
    ["SystemAlertId", "null", "systemAlertId"],
    ["AlertType", " ", "alertType"],
    ["Severity", "Critical", "severity"],
    ["Severity", "constructor", "severity"],
    ["Severity", "__proto__", "severity"],
    ["Status", "Archived", "status"],
    ["Status", "constructor", "status"],
  ])("without a usable %s (%s) is refused by that name", (field, value, named) => {
    expect(readAlert(aPayload({ [field]: value }))).toEqual({ refused: expect.stringContaining(named) });
  });

  it.each([
    ["2026-11-23T09:15:00Z", "2026-11-23T09:15:00.000Z"],
    ["2026-11-23T09:15:00.1234567Z", "2026-11-23T09:15:00.123Z"],
    ["2026-11-23 09:15:00.53895", "2026-11-23T09:15:00.538Z"],
    ["2026-11-23T10:15:00+01:00", "2026-11-23T09:15:00.000Z"],
  ])("raised at %s was raised at %s", (StartTimeUtc, raisedAt) => {
    expect(read(aPayload({ StartTimeUtc })).raisedAt).toBe(raisedAt);
  });

  it.each(["0001-01-01T00:00:00", "11/23/2026 09:15:00", "", null, 1763889300000, "9999-12-31T23:59:59-01:00"])(
    "that began at %s falls back to the time it was generated",
    (StartTimeUtc) => {
      expect(read(aPayload({ StartTimeUtc })).raisedAt).toBe("2026-11-23T09:21:07.456Z");
    },
  );

  it("keeps its endpoint and its service beside hundreds of addresses, and says what was cut", () => {
    const crowd = Array.from({ length: 300 }, (_, at) => ({ Type: "ip", Address: `198.51.${at >> 8}.${at & 255}` }));

    const alert = read(aPayload({ AlertType: "API_DistributedParameterEnumeration", Entities: crowd }));

    expect(new Set(alert.entities.map(({ kind }) => kind))).toEqual(new Set(["ip", "azure-resource", "api-endpoint"]));
    expect(addressesOf(alert, "attacker")).toEqual(["203.0.113.66"]);
    expect(addressesOf(alert, "context")).toHaveLength(99);
    expect(alert.notes.join()).toContain("only the first 100 of 301 addresses were kept");
  });

  it("names each Azure resource once, whatever its letter case", () => {
    const alert = read(aPayload({ AzureResourceId: serviceId.toLowerCase() }));

    expect(alert.entities.filter(({ kind }) => kind === "azure-resource")).toHaveLength(1);
  });

  it.each(["/orders/1004", "GET", "GET orders", "GET ftp://contoso/orders", "GET https://a b", 7, ["GET https://a/b"]])(
    "whose endpoint is %j names none, and says so",
    (endpoint) => {
      const alert = read(aPayloadWith({ "Api Endpoint": endpoint }));

      expect(alert.entities.filter(({ kind }) => kind === "api-endpoint")).toEqual([]);
      expect(alert.notes.join()).toContain("Api Endpoint");
    },
  );

  it("is told from its endpoint whatever the spelling of host and method", () => {
    const alert = read(aPayloadWith({ "api endpoint": "  get HTTPS://Contoso-Shop.Azure-API.net:443/Orders/7?a=1 " }));

    expect(alert.entities).toContainEqual(
      expect.objectContaining({ method: "GET", host: "contoso-shop.azure-api.net", path: "/Orders/7" }),
    );
  });

  it("names no attacker where only the victim's address stands", () => {
    const alert = read(
      aPayloadWith({ "Victim IP": "203.0.113.9" }, [
        { Type: "ip", Address: "203.0.113.9" },
        { Type: "ip", Address: "203.0.113.10", Asset: true },
      ]),
    );

    expect(addressesOf(alert, "attacker")).toEqual([]);
    expect(addressesOf(alert, "victim")).toEqual(["203.0.113.9", "203.0.113.10"]);
  });
});

it("is read as the Logic App trigger's published schema has it: ReportedSeverity, and no status", () => {
  const { Severity, Status: _status, ...rest } = aPayload();

  expect(read({ ...rest, ReportedSeverity: Severity })).toMatchObject({ severity: "Medium", status: "new" });
});
