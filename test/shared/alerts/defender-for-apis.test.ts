import { describe, expect, it } from "vitest";
import { read, rekey } from "../../support/an-alert.ts";

const serviceId =
  "/SUBSCRIPTIONS/00000000-0000-4000-8000-000000000001/RESOURCEGROUPS/rg-shop/providers/Microsoft.ApiManagement/service/contoso-shop";

const machineId =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-shop/providers/Microsoft.Compute/virtualMachines/web-1";

/** The labels that the portal shows of such an alert; no payload of one was ever published. */
const shown = {
  VendorName: "Microsoft",
  ProductName: "Microsoft Defender for Cloud",
  AlertType: "API_AccessFromSuspiciousUserAgent",
  SystemAlertId: "2516049539998765432_0d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b",
  AlertDisplayName: "Suspicious User Agent detected",
  Description: "The user agent of a request contained values that look like code.",
  Severity: "Medium",
  Status: "New",
  StartTimeUtc: "2026-11-23T09:15:00.1234567Z",
  Intent: "Execution",
  CompromisedEntity: "contoso-shop",
  ExtendedProperties: {
    "Detection Team": "Cloud Application Security (CAS)",
    "Potential causes": "Somebody at 198.51.100.9 tries to run code",
    ResourceId: serviceId,
    "Actor (Client IP)": "203.0.113.66",
    SubscriptionId: "00000000-0000-4000-8000-000000000001",
    "Api Endpoint": "GET https://Contoso-Shop.azure-api.net/echo/resource?p=1",
    "Event of Interest": "User agent javascript: 198.51.100.10 is typical of script code",
    "Status Code": "200",
  },
  Entities: [],
  ResourceIdentifiers: [{ $id: "1", AzureResourceId: serviceId, Type: "AzureResource" }],
};

/** How Resource Manager spells what the flat shape writes with a capital. */
const firstSmall = (key: string) => key.charAt(0).toLowerCase() + key.slice(1);

const asResource = {
  id: `/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-shop/providers/Microsoft.Security/locations/centralus/alerts/${shown.SystemAlertId}`,
  name: shown.SystemAlertId,
  type: "Microsoft.Security/Locations/alerts",
  properties: rekey({ ...shown, Status: "Active" }, firstSmall),
};

describe("an alert of Defender for APIs, in the words that the portal shows,", () => {
  it.each([
    ["flat", shown, "", "ExtendedProperties", "Actor (Client IP)", "Api Endpoint"],
    ["of Resource Manager", asResource, "properties.", "extendedProperties", "actor (Client IP)", "api Endpoint"],
  ])(
    "when %s, names its actor, its endpoint and its service, and nobody else",
    (_, payload, at, properties, actor, endpoint) => {
      const alert = read(payload);

      expect(alert).toMatchObject({ type: "API_AccessFromSuspiciousUserAgent", severity: "Medium", status: "new" });
      expect(alert.entities).toHaveLength(3);
      expect(alert.entities).toEqual(
        expect.arrayContaining([
          {
            kind: "ip",
            role: "attacker",
            address: "203.0.113.66",
            class: "documentation",
            foundAt: `${at}${properties}["${actor}"]`,
          },
          {
            kind: "api-endpoint",
            role: "victim",
            method: "GET",
            host: "contoso-shop.azure-api.net",
            path: "/echo/resource",
            foundAt: `${at}${properties}["${endpoint}"]`,
          },
          { kind: "azure-resource", role: "victim", resourceId: serviceId, foundAt: expect.stringMatching(/\S/) },
        ]),
      );
      expect(alert.notes).toEqual([]);
    },
  );

  it("that names its service in its properties alone has it from there", () => {
    expect(read({ ...shown, ResourceIdentifiers: [] }).entities).toContainEqual({
      kind: "azure-resource",
      role: "victim",
      resourceId: serviceId,
      foundAt: 'ExtendedProperties["ResourceId"]',
    });
  });

  it.each([
    ["an entity", { Entities: [{ Type: "azure-resource", ResourceId: `${serviceId}/apis/echo` }] }],
    ["a machine", { Entities: [{ Type: "host", AzureID: machineId }] }],
    ["an identifier", { ResourceIdentifiers: [{ AzureResourceId: `${serviceId}/apis/echo` }] }],
  ])("that names a resource as %s, too, has that one", (_, changes) => {
    const alert = read({ ...shown, ResourceIdentifiers: [], ...changes });

    expect(JSON.stringify(alert.entities)).not.toContain('ExtendedProperties[\\"ResourceId');
    expect(alert.entities.filter((entity) => "resourceId" in entity)).toHaveLength(1);
  });
});
