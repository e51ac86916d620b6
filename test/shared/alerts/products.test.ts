import { expect, it } from "vitest";
import { sourceOfProduct } from "../../../shared/alerts/products.ts";

it.each([
  ["Azure Security Center", "defender-for-cloud"],
  ["microsoftDefenderForCloud", "defender-for-cloud"],
  ["Microsoft Defender for Cloud", "defender-for-cloud"],
  ["MDATP", "defender-for-endpoint"],
  ["microsoft defender advanced threat protection", "defender-for-endpoint"],
  ["microsoftDefenderForEndpoint", "defender-for-endpoint"],
  ["Azure ATP", "defender-for-identity"],
  ["microsoftDefenderForIdentity", "defender-for-identity"],
  ["Office 365 Advanced Threat Protection", "defender-for-office-365"],
  ["microsoftDefenderForOffice365", "defender-for-office-365"],
  ["OfficeATP", "defender-for-office-365"],
  ["MCAS", "defender-for-cloud-apps"],
  ["microsoftDefenderForCloudApps", "defender-for-cloud-apps"],
  ["microsoft365Defender", "defender-xdr"],
  ["Microsoft Threat Protection", "defender-xdr"],
  ["IPC", "entra-id-protection"],
  ["azureAdIdentityProtection", "entra-id-protection"],
  ["microsoftAppGovernance", "app-governance"],
  ["dataLossPrevention", "purview"],
  ["microsoftInsiderRiskManagement", "purview"],
  ["Azure Sentinel", "sentinel"],
  ["microsoftSentinel", "sentinel"],
])("%s is %s", (name, source) => {
  expect(sourceOfProduct([name])).toBe(source);
  expect(sourceOfProduct([name.toUpperCase().replace(" ", "\t ")])).toBe(source);
});

it("the first known name counts, and what nobody knows does not", () => {
  expect(sourceOfProduct([undefined, "Detection", "MDATP", "IPC"])).toBe("defender-for-endpoint");
});

it.each(["", "Microsoft", "constructor", "__proto__", "unknownFutureValue", "M".repeat(1_000_000)])(
  "%.20s is no product",
  (name) => {
    expect(sourceOfProduct([name])).toBeUndefined();
  },
);
