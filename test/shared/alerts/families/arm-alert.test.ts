import { describe, expect, it } from "vitest";
import type { Alert } from "../../../../shared/alerts/alert.ts";
import { alertKey } from "../../../../shared/alerts/alert-key.ts";
import { readAlert } from "../../../../shared/alerts/read-alert.ts";
import { read, rekey } from "../../../support/an-alert.ts";

type Json = Record<string, unknown>;

const id = "2516049539998765432_6b1f6a52-6a35-4c0a-9f0e-0d7c4a6f2b11";
const location =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-shop/providers/Microsoft.Security/locations/westeurope";
const vault =
  "/SUBSCRIPTIONS/00000000-0000-4000-8000-000000000001/RESOURCEGROUPS/rg-shop/providers/microsoft.keyvault/vaults/kv-shop";

function anArmAlert(properties: Json = {}, resource: Json = {}): Json {
  return {
    id: `${location}/alerts/${id}`,
    name: id,
    type: "Microsoft.Security/Locations/alerts",
    ...resource,
    properties: {
      status: "Active",
      timeGeneratedUtc: "2026-11-23T09:21:07.4561239Z",
      version: "2022-01-01.0",
      vendorName: "Microsoft",
      productName: "Microsoft Defender for Cloud",
      productComponentName: "",
      alertType: "KV_TORAccess",
      startTimeUtc: "2026-11-23T09:15:00.12345Z",
      severity: "Medium",
      isIncident: false,
      systemAlertId: id,
      intent: "CredentialAccess",
      resourceIdentifiers: [
        { $id: "westeurope_1", azureResourceId: vault, type: "AzureResource" },
        { $id: "westeurope_2", aadTenantId: "00000000-0000-4000-8000-0000000000aa", type: "AAD" },
      ],
      compromisedEntity: "kv-shop",
      alertDisplayName: "Access from a TOR exit node to a key vault",
      description: "A key vault was accessed from a TOR exit node.",
      remediationSteps: ['{"displayValue":"Read more","kind":"Link","value":"https://contoso.com"}'],
      extendedProperties: { "attacker IP Address": "203.0.113.7", resourceType: "Key Vault" },
      entities: [{ $id: "westeurope_3", resourceId: vault, type: "azure-resource" }],
      alertUri: `https://portal.azure.com/#blade/Microsoft_Azure_Security/AlertBlade/alertId/${id}/subscriptionId/00000000-0000-4000-8000-000000000001/resourceGroup/rg-shop/referencedFrom/alertDeepLink/location/westeurope`,
      ...properties,
    },
  };
}

const lowered = (alert: Alert) => ({
  ...alert,
  entities: alert.entities.map((entity) => ({ ...entity, foundAt: entity.foundAt.toLowerCase() })),
});

describe("an alert of the REST API", () => {
  it("is read whole", () => {
    expect(read(anArmAlert())).toMatchObject({
      key: alertKey("defender-for-cloud", id),
      source: "defender-for-cloud",
      family: "arm-2022-01-01",
      productId: id,
      type: "KV_TORAccess",
      severity: "Medium",
      status: "new",
      sample: false,
      incident: false,
      tactics: ["CredentialAccess"],
      techniques: [],
      raisedAt: "2026-11-23T09:15:00.123Z",
      references: { armId: `${location}/alerts/${id}`, portal: expect.stringContaining("https://portal.azure.com/#") },
      notes: [],
    });
    expect(read(anArmAlert()).entities).toEqual([
      { kind: "azure-resource", role: "victim", resourceId: vault, foundAt: "properties.resourceIdentifiers[0]" },
      {
        kind: "ip",
        role: "attacker",
        address: "203.0.113.7",
        class: "documentation",
        foundAt: 'properties.extendedProperties["attacker IP Address"]',
      },
    ]);
  });

  it.each([
    ["small letters", (key: string) => key.toLowerCase()],
    ["capitals", (key: string) => key.toUpperCase()],
    ["PascalCase", (key: string) => key.charAt(0).toUpperCase() + key.slice(1)],
  ])("is the same with its keys in %s", (_, spell) => {
    expect(lowered(read(rekey(anArmAlert(), spell)))).toEqual(lowered(read(anArmAlert())));
  });

  it("says where in a list it stood", () => {
    const reading = readAlert({ value: [anArmAlert()] });

    expect(reading).toMatchObject({
      alert: { entities: [{ foundAt: "value[0].properties.resourceIdentifiers[0]" }, {}] },
    });
  });

  it.each([
    ["LateralMovement, Execution", ["LateralMovement", "Execution"]],
    ["Unknown", []],
    ["unknown", []],
    [
      ["InitialAccess", "Execution", "InitialAccess"],
      ["InitialAccess", "Execution"],
    ],
    ['["Persistence"]', ["Persistence"]],
    ["Initial access, Pre-attack", ["InitialAccess", "PreAttack"]],
    ["Command and control", ["CommandAndControl"]],
    ["<b>Impact</b>", []],
    [null, []],
  ])("with the intent %j has the tactics %j", (intent, tactics) => {
    expect(read(anArmAlert({ intent })).tactics).toEqual(tactics);
  });

  it("has the techniques and the sub-techniques", () => {
    const alert = read(anArmAlert({ techniques: ["T1059", "T1078"], subTechniques: ["T1059.001", "no technique"] }));

    expect(alert.techniques).toEqual(["T1059", "T1078", "T1059.001"]);
  });

  it("may be an aggregate", () => {
    expect(read(anArmAlert({ isIncident: true })).incident).toBe(true);
  });

  it.each(["VM_EICAR", "AppServices_EICAR", "appservices_eicar", "SIMULATED_VM_EICAR"])(
    "of %s is a test",
    (alertType) => {
      expect(read(anArmAlert({ alertType })).sample).toBe(true);
    },
  );

  it("whose type has EICAR in its middle is no test", () => {
    expect(read(anArmAlert({ alertType: "VM_EICAR_Dropper" })).sample).toBe(false);
  });
});

describe("the product that found it", () => {
  it.each([
    [{}, "defender-for-cloud"],
    [{ productName: "Azure Security Center" }, "defender-for-cloud"],
    [{ productName: undefined }, "defender-for-cloud"],
    [{ productName: "" }, "defender-for-cloud"],
    [{ vendorName: undefined, productName: undefined }, "defender-for-cloud"],
    [{ productName: "Microsoft Defender ATP" }, "defender-for-endpoint"],
    [{ productName: "Azure ATP" }, "defender-for-identity"],
    [{ productName: "MCAS" }, "defender-for-cloud-apps"],
    [{ productName: undefined, providerName: "MDATP" }, "defender-for-endpoint"],
    [{ productName: undefined, providerName: "Detection" }, "defender-for-cloud"],
    // Microsoft renames its products.
    [{ productName: "Some new product" }, "defender-for-cloud"],
    [{ productName: "Some new product", vendorName: undefined }, "other"],
    [{ vendorName: "Contoso WAF" }, "other"],
    [{ vendorName: "Contoso WAF", productName: undefined }, "other"],
    [{ vendorName: "MICROSOFT" }, "defender-for-cloud"],
  ])("by %j is %s, and the key is made with it", (properties, source) => {
    const alert = read(anArmAlert(properties));

    expect(alert.source).toBe(source);
    expect(alert.key.startsWith(`${source}-`)).toBe(true);
  });
});

it("says that it took a product that nobody knows for Defender for Cloud", () => {
  expect(read(anArmAlert({ productName: "Some new product" })).notes).toEqual([
    "productName is of no product that is known here: read as Defender for Cloud",
  ]);
});

describe("the ARM id", () => {
  const armIdOf = (properties: Json, resource: Json = {}) => read(anArmAlert(properties, resource)).references.armId;

  it("ends in the alert's own id, though the resource's id ends in another's", () => {
    expect(armIdOf({}, { id: `${location}/alerts/2518770965529163669_another`, name: "x" })).toBe(
      `${location}/alerts/${id}`,
    );
  });

  it("of an alert on a subscription has no resource group", () => {
    const subscription = location.replace("/resourceGroups/rg-shop", "");

    expect(armIdOf({}, { id: `${subscription}/alerts/${id}` })).toBe(`${subscription}/alerts/${id}`);
    expect(
      armIdOf(
        { alertUri: `https://portal.azure.com/#x/alertId/${id}/subscriptionId/s-1/resourceGroup//location/westeurope` },
        { id: undefined },
      ),
    ).toBe(`/subscriptions/s-1/providers/Microsoft.Security/locations/westeurope/alerts/${id}`);
  });

  it("is rebuilt from the portal's link where the resource has no id of its own", () => {
    expect(armIdOf({}, { id: undefined })).toBe(`${location}/alerts/${id}`);
  });

  const link = (alertId: string, group: string, region = "westeurope") =>
    `https://portal.azure.com/#x/alertId/${alertId}/subscriptionId/s-1/resourceGroup/${group}/location/${region}`;

  it.each([
    ["another alert", link("2518770965529163669_another", "rg-shop")],
    ["a way up", link(id, "..")],
    ["an escape", link(id, "rg%2Fshop")],
    ["a query", link(id, "rg", "westeurope?x=1")],
    ["no region", link(id, "rg", "")],
    ["no subscription", `https://portal.azure.com/#x/alertId/${id}/location/westeurope`],
    ["nothing", undefined],
  ])("is not made of a link to %s", (_, alertUri) => {
    expect(armIdOf({ alertUri }, { id: undefined })).toBeUndefined();
  });

  it.each([
    "/subscriptions/s-1/providers/Microsoft.Compute/virtualMachines/web-1",
    `/subscriptions/../providers/Microsoft.Security/locations/westeurope/alerts/${id}`,
    `/subscriptions/s 1/providers/Microsoft.Security/locations/westeurope/alerts/${id}`,
    `/subscriptions/${"s".repeat(2000)}/providers/Microsoft.Security/locations/westeurope/alerts/${id}`,
  ])("is not made of %.60s", (other) => {
    expect(armIdOf({ alertUri: undefined }, { id: other })).toBeUndefined();
  });

  it("is not made with an alert's id that is no segment", () => {
    expect(armIdOf({ systemAlertId: "../../x", alertUri: undefined })).toBeUndefined();
  });
});

it.each([
  "https://contoso.com/?https://portal.azure.com/",
  "https://portal.azure.com.contoso.com/",
  "https://portal.azure.com@contoso.com/",
  "javascript:alert(1)//https://portal.azure.com/",
  'https://portal.azure.com/#"onclick="x',
  "http://portal.azure.com/",
  7,
])("%j is no link to a portal", (alertUri) => {
  expect(read(anArmAlert({ alertUri })).references).not.toHaveProperty("portal");
});
