import { describe, expect, it } from "vitest";
import { alertKey } from "../../../../shared/alerts/alert-key.ts";
import { combined, memberWith } from "../../../support/a-sentinel-incident.ts";
import { aPayload, read } from "../../../support/an-alert.ts";

const guid = "6b1f6a52-6a35-4c0a-9f0e-0d7c4a6f2b11";
const ofWorkspace = "0d9c7e11-0000-4000-8000-000000000002";
const ticks = `2516049539998765432_${guid}`;
const linkTo = (id: string) =>
  `https://portal.azure.com/#blade/Microsoft_Azure_Security_AzureDefenderForData/AlertBlade/alertId/${id}/subscriptionId/00000000-0000-4000-8000-000000000001/resourceGroup/rg-web/referencedFrom/alertDeepLink/location/westeurope`;

const ids: readonly [string, string, Record<string, string | undefined>][] = [
  ["a newer alert has a plain GUID", guid, { SystemAlertId: guid, AlertUri: linkTo(guid) }],
  ["an older alert has ticks before it", ticks, { SystemAlertId: ticks, AlertUri: linkTo(ticks) }],
  ["an older alert of a workspace has another", ticks, { SystemAlertId: ofWorkspace, VendorOriginalId: ticks }],
  ["or keeps it in the other field", ticks, { SystemAlertId: ofWorkspace, ProviderAlertId: ticks }],
  [
    "the link decides between two GUIDs",
    guid,
    { SystemAlertId: ofWorkspace, VendorOriginalId: guid, AlertUri: undefined, AlertLink: linkTo(guid.toUpperCase()) },
  ],
  [
    "the link decides against ticks",
    ofWorkspace,
    { SystemAlertId: ofWorkspace, VendorOriginalId: ticks, AlertUri: linkTo(ofWorkspace) },
  ],
  ["a link gives no id that the alert has not", guid, { SystemAlertId: guid, AlertUri: linkTo(ofWorkspace) }],
  ["ticks in its own place count first", ticks, { SystemAlertId: ticks, VendorOriginalId: ticks.replace("9", "8") }],
  ["another product's id in the way is none", guid, { SystemAlertId: guid, ProviderAlertId: "7" }],
  [
    "XDR's letters before an id are no part of it",
    guid,
    { SystemAlertId: ofWorkspace, VendorOriginalId: `dc${guid}`, AlertUri: linkTo(guid) },
  ],
];

const inCamelCase = (fields: object) =>
  Object.fromEntries(Object.entries(fields).map(([name, id]) => [name.charAt(0).toLowerCase() + name.slice(1), id]));

describe("Defender for Cloud's own id of an alert", () => {
  const without = {
    AlertUri: undefined,
    AlertLink: undefined,
    VendorOriginalId: undefined,
    ProviderAlertId: undefined,
  };

  it.each(ids)("in the flat shape: %s", (_, id, fields) => {
    expect(read(aPayload({ ...without, ...fields })).key).toBe(alertKey("defender-for-cloud", id));
  });

  it.each(ids)("in a row: %s", (_, id, fields) => {
    const row = aPayload({ ...without, Entities: "[]", ExtendedProperties: "{}", ...fields });

    expect(read(row).key).toBe(alertKey("defender-for-cloud", id));
  });

  it.each(ids)("in Resource Manager: %s", (_, id, fields) => {
    const properties = aPayload({ ...without, ...fields });

    expect(read({ type: "Microsoft.Security/Locations/alerts", properties }).key).toBe(
      alertKey("defender-for-cloud", id),
    );
  });

  it.each(ids)("in an incident of Sentinel: %s", (_, id, fields) => {
    const member = memberWith({ systemAlertId: undefined, providerAlertId: undefined, ...inCamelCase(fields) });

    expect(combined([member]).members).toEqual([alertKey("defender-for-cloud", id)]);
  });

  it("is what the alert's ARM id ends in", () => {
    const row = { SystemAlertId: ofWorkspace, VendorOriginalId: ticks, Entities: "[]", AlertLink: linkTo(ticks) };

    expect(read(aPayload({ ...without, ...row })).references.armId).toMatch(new RegExp(`/alerts/${ticks}$`));
  });
});

describe("the key of an alert that XDR passed on to a workspace", () => {
  const alert = { VendorOriginalId: `da${guid}_1`, ProviderAlertId: `da${guid}_1`, VendorName: "Microsoft" };
  const key = alertKey("defender-for-endpoint", `${guid}_1`);

  it("is that of the product, in a row", () => {
    const row = aPayload({
      ...alert,
      ProductName: "Microsoft Defender ATP",
      SystemAlertId: ofWorkspace,
      Entities: "[]",
    });

    expect(read(row).key).toBe(key);
  });

  it("is that of the product, in an incident", () => {
    const member = memberWith({ ...inCamelCase(alert), productName: "Microsoft Defender ATP" });

    expect(combined([member]).members).toEqual([key]);
  });
});
