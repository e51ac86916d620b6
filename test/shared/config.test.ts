import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { hasLocalIdentity, isLoopback, readSettings, Settings, SettingsError } from "../../shared/config.ts";

const serviceId =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-shop/providers/Microsoft.ApiManagement/service/contoso-shop";
const policyId =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/firewallPolicies/hub";
const objectId = "0d9c1b2a-3e4f-4a5b-8c6d-7e8f9a0b1c2f";
const least = {
  PORTCULLIS_TABLE_ENDPOINT: "https://stcontoso.table.core.windows.net",
  PORTCULLIS_SWEEP_SCHEDULE: "0 * * * * *",
  PORTCULLIS_POLL_SCHEDULE: "0 * * * * *",
};

function fault(changes: Record<string, string>): string {
  try {
    readSettings({ ...least, ...changes });
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  throw new Error("the settings were taken");
}

describe("settings", () => {
  it("observe and touch nothing until they are told otherwise", () => {
    expect(readSettings(least)).toEqual({
      ...least,
      PORTCULLIS_MODE: "observe",
      PORTCULLIS_API_MANAGEMENT: [],
      PORTCULLIS_FIREWALL_POLICIES: [],
      PORTCULLIS_CONTAIN_IN: [],
      PORTCULLIS_PROTECTED_IDENTITIES: [],
      PORTCULLIS_PROTECTED_MACHINES: [],
      PORTCULLIS_PROTECTED_NETWORKS: [],
      PORTCULLIS_MAX_DURATION: "P7D",
      PORTCULLIS_LOOKUPS: [],
      PORTCULLIS_NETWORK_SUBSCRIPTIONS: [],
      PORTCULLIS_POLL_GRAPH: "off",
      PORTCULLIS_JOIN_WINDOW: "PT30S",
      PORTCULLIS_WEBHOOK_CALLERS: [],
      PORTCULLIS_TABLE_PREFIX: "Portcullis",
      PORTCULLIS_PLAYBOOKS: "playbooks",
    });
  });

  it("take lists with commas, blanks and line ends", () => {
    const settings = readSettings({
      ...least,
      PORTCULLIS_API_MANAGEMENT: ` ${serviceId} ,\n${serviceId}2,`,
      PORTCULLIS_PROTECTED_NETWORKS: "198.51.100.0/28, 203.0.113.7,2001:db8::/32, ::1",
      PORTCULLIS_FIREWALL_POLICIES: `${policyId}, ${policyId.toUpperCase()}`,
      PORTCULLIS_CONTAIN_IN: "endpoint, identity,applications ,alerts",
      PORTCULLIS_PROTECTED_IDENTITIES: `${objectId},\n${objectId.toUpperCase()}`,
      PORTCULLIS_PROTECTED_MACHINES: "dc-1.contoso.example, 0123456789abcdef0123456789abcdef01234567",
    });

    expect(settings.PORTCULLIS_API_MANAGEMENT).toEqual([serviceId, `${serviceId}2`]);
    expect(settings.PORTCULLIS_PROTECTED_NETWORKS).toEqual(["198.51.100.0/28", "203.0.113.7", "2001:db8::/32", "::1"]);
    expect(settings.PORTCULLIS_FIREWALL_POLICIES).toEqual([policyId, policyId.toUpperCase()]);
    expect(settings.PORTCULLIS_CONTAIN_IN).toEqual(["endpoint", "identity", "applications", "alerts"]);
    expect(settings.PORTCULLIS_PROTECTED_IDENTITIES).toEqual([objectId, objectId.toUpperCase()]);
    expect(settings.PORTCULLIS_PROTECTED_MACHINES).toEqual([
      "dc-1.contoso.example",
      "0123456789abcdef0123456789abcdef01234567",
    ]);
  });

  it("that are empty count as not set, as in the portal", () => {
    expect(
      readSettings({ ...least, PORTCULLIS_MODE: "", PORTCULLIS_CLIENT_ID: "", PORTCULLIS_SIMULATED_AZURE: "" }),
    ).toEqual(readSettings(least));
  });

  it("are refused while a Key Vault reference is not resolved, by name and without its address", () => {
    const message = fault({
      PORTCULLIS_WEBHOOK_KEY: "@Microsoft.KeyVault(SecretUri=https://kv-contoso.vault.azure.net/x)",
    });

    expect(message).toMatch(/PORTCULLIS_WEBHOOK_KEY: the Key Vault reference could not be resolved/);
    expect(message).not.toContain("kv-contoso");
  });

  it("take nothing that is not theirs from the environment", () => {
    expect(readSettings({ ...least, PATH: "/bin", PORTCULLIS_OTHER: "1" })).toEqual(readSettings(least));
  });

  it.each([
    ["PORTCULLIS_MODE", "on", /"observe"\|"enforce"/],
    ["PORTCULLIS_API_MANAGEMENT", "contoso-shop", /ARM ids of Microsoft\.ApiManagement\/service/],
    ["PORTCULLIS_API_MANAGEMENT", serviceId.replace("ApiManagement/service", "Web/sites"), /ARM ids/],
    ["PORTCULLIS_API_MANAGEMENT", `${serviceId}/apis/orders`, /ARM ids/],
    ["PORTCULLIS_FIREWALL_POLICIES", "hub", /ARM ids of Microsoft\.Network\/firewallPolicies/],
    [
      "PORTCULLIS_FIREWALL_POLICIES",
      "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.Network/azureFirewalls/hub",
      /classic rules .* move its rules to a policy first/,
    ],
    ["PORTCULLIS_FIREWALL_POLICIES", serviceId, /ARM ids of Microsoft\.Network\/firewallPolicies/],
    ["PORTCULLIS_FIREWALL_POLICIES", policyId.replace("firewallPolicies", "azureFirewalls"), /firewallPolicies/],
    ["PORTCULLIS_FIREWALL_POLICIES", `${policyId}/ruleCollectionGroups/portcullis`, /firewallPolicies/],
    ["PORTCULLIS_CONTAIN_IN", "endpoint, everything", /alerts, applications, endpoint or identity/],
    ["PORTCULLIS_CONTAIN_IN", "firewall", /alerts, applications, endpoint or identity/],
    ["PORTCULLIS_APPLICATIONS_CLIENT_ID", "portcullis-applications", /GUID/i],
    ["PORTCULLIS_PROTECTED_IDENTITIES", "breakglass@contoso.example", /object ids/],
    ["PORTCULLIS_PROTECTED_IDENTITIES", `${objectId}, robin`, /object ids/],
    ["PORTCULLIS_PROTECTED_NETWORKS", "198.51.100.0/33", /IP addresses or CIDR blocks/],
    ["PORTCULLIS_PROTECTED_NETWORKS", "proxy.contoso.com", /IP addresses or CIDR blocks/],
    ["PORTCULLIS_PROTECTED_NETWORKS", "10.0.0", /IP addresses or CIDR blocks/],
    ["PORTCULLIS_PROTECTED_NETWORKS", "10/8", /IP addresses or CIDR blocks/],
    ["PORTCULLIS_PROTECTED_NETWORKS", "010.0.0.1", /IP addresses or CIDR blocks/],
    ["PORTCULLIS_PROTECTED_NETWORKS", "198.51.100.1-198.51.100.9", /IP addresses or CIDR blocks/],
    ["PORTCULLIS_MAX_DURATION", "7 days", /ISO 8601/],
    ["PORTCULLIS_MAX_DURATION", "P1M", /ISO 8601/],
    ["PORTCULLIS_TABLE_ENDPOINT", "http://stcontoso.table.core.windows.net", /https URL/],
    ["PORTCULLIS_TABLE_ENDPOINT", "stcontoso", /URL/],
    ["PORTCULLIS_TABLE_PREFIX", "my-app", /letters and digits/],
    ["PORTCULLIS_CLIENT_ID", "portcullis", /GUID/i],
    ["PORTCULLIS_LOOKUPS", "directory, everything", /directory, machines or own-addresses/],
    ["PORTCULLIS_NETWORK_SUBSCRIPTIONS", "hub", /GUID/i],
    ["PORTCULLIS_LOG_ANALYTICS_WORKSPACE", "soc", /GUID/i],
    ["PORTCULLIS_POLL_GRAPH", "yes", /"off"\|"on"/],
    ["PORTCULLIS_CLOUD_APPS_URL", "https://contoso.example", /TENANT\.REGION\.portal\.cloudappsecurity\.com/],
    ["PORTCULLIS_CLOUD_APPS_URL", "https://contoso.eu2.portal.cloudappsecurity.us", /cloudappsecurity\.com/],
    ["PORTCULLIS_CLOUD_APPS_URL", "http://contoso.eu2.portal.cloudappsecurity.com", /https/],
    ["PORTCULLIS_JOIN_WINDOW", "30", /ISO 8601/],
    ["PORTCULLIS_WEBHOOK_KEY", "short", /at least 32 characters/],
    ["PORTCULLIS_WEBHOOK_TENANT", "contoso", /GUID/i],
    ["PORTCULLIS_WEBHOOK_CALLERS", "11111111-1111-1111-1111-111111111111, me", /GUID/i],
    ["PORTCULLIS_NOTIFY_URL", "http://hooks.example", /https/],
    ["PORTCULLIS_SIMULATED_AZURE", "http://azure.contoso.com", /loopback/],
    ["PORTCULLIS_SIMULATED_AZURE", "https://127.0.0.1:7080", /loopback/],
    ["PORTCULLIS_SIMULATED_AZURE", "http://127.0.0.1.contoso.com", /loopback/],
    ["PORTCULLIS_SIMULATED_AZURE", "http://127.0.0.1@contoso.com", /loopback/],
  ])("are refused by name, with what would be right: %s=%s", (name, value, right) => {
    expect(fault({ [name]: value })).toMatch(new RegExp(`${name}: [^;]*${right.source}`, right.flags));
  });

  it("are refused when the one that has no default is missing", () => {
    expect(() => readSettings({})).toThrow(/PORTCULLIS_TABLE_ENDPOINT: .*local\.settings\.example\.json/);
    // The host reads this one by itself and would only log that it is missing: nothing would ever be released.
    expect(() => readSettings({})).toThrow(/PORTCULLIS_SWEEP_SCHEDULE: /);
  });

  it("name all that is wrong at once", () => {
    expect(fault({ PORTCULLIS_MODE: "on", PORTCULLIS_CLIENT_ID: "x" })).toMatch(
      /PORTCULLIS_MODE.*PORTCULLIS_CLIENT_ID/,
    );
  });
});

describe("the example file", () => {
  const Example = z.object({ Values: z.record(z.string(), z.string()) });
  const text = readFileSync(join(import.meta.dirname, "../../local.settings.example.json"), "utf8");
  const { Values } = Example.parse(JSON.parse(text));
  /** What the Functions host and @azure/identity read, not the product. */
  const hosts = ["FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage", "IDENTITY_ENDPOINT", "IDENTITY_HEADER"];

  it("names every setting of the product, and none that it does not have", () => {
    const own = Object.keys(Values).filter((name) => !hosts.includes(name));

    expect(own.toSorted()).toEqual(Object.keys(Settings.shape).toSorted());
  });

  it("holds settings that work, on this machine only", () => {
    const settings = readSettings(Values);

    expect(isLoopback(settings.PORTCULLIS_TABLE_ENDPOINT)).toBe(true);
    expect(settings.PORTCULLIS_SIMULATED_AZURE).toBeDefined();
    expect(hasLocalIdentity(Values)).toBe(true);
  });

  it("says of every setting what it is for", () => {
    for (const [name, setting] of Object.entries(Settings.shape))
      expect(`${name}: ${setting.description ?? ""}`).toMatch(/: \S.{15,}/);
  });
});

it.each([
  [{ IDENTITY_ENDPOINT: "http://127.0.0.1:7080/msi/token", IDENTITY_HEADER: "h" }, true],
  [{ IDENTITY_ENDPOINT: "http://127.0.0.1:7080/msi/token" }, false],
  [{ IDENTITY_HEADER: "h" }, false],
  [{ IDENTITY_ENDPOINT: "http://169.254.169.254/msi/token", IDENTITY_HEADER: "h" }, false],
])("%j is an identity of this machine: %s", (environment, expected) => {
  expect(hasLocalIdentity(environment)).toBe(expected);
});

it.each([
  ["http://127.0.0.1:7080", true],
  ["http://127.8.9.1", true],
  ["http://localhost:1", true],
  ["http://[::1]:1", true],
  ["https://localhost", false],
  ["http://0.0.0.0", false],
  ["http://localhost.contoso.com", false],
  ["http://127.0.0.1.nip.io", false],
  ["http://10.0.0.1", false],
  ["ftp://127.0.0.1", false],
  ["127.0.0.1", false],
  ["", false],
])("%s is loopback: %s", (url, expected) => {
  expect(isLoopback(url)).toBe(expected);
});
