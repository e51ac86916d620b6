import ipaddr from "ipaddr.js";
import * as z from "zod";
import { isApiManagementService, parseArmId } from "./arm-id.ts";
import { Duration } from "./duration.ts";
import { isHeaderName } from "./header-name.ts";
import { Mode } from "./mode.ts";

const commaList = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(",")
      .map((part) => part.trim())
      .filter(Boolean),
  );

export function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname, protocol } = new URL(url);
  return (
    protocol === "http:" && (hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname))
  );
}

/** Four decimal parts only: ipaddr.js also reads `10.1` and octal, and a network that is not the one meant protects nobody. */
function isNetwork(text: string): boolean {
  return text.includes(":")
    ? ipaddr.IPv6.isValid(text) || ipaddr.IPv6.isValidCIDR(text)
    : ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv4.isValidCIDRFourPartDecimal(text);
}

/** Every setting of the product. The example file and the documentation's table are held against it. */
export const Settings = z.object({
  PORTCULLIS_MODE: Mode.default("observe").describe(
    "What every playbook may do at most: observe plans and shows, enforce acts",
  ),
  PORTCULLIS_API_MANAGEMENT: commaList
    .pipe(
      z.array(
        z.string().refine((id) => {
          const parsed = parseArmId(id);
          return parsed !== undefined && isApiManagementService(parsed);
        }, "expected ARM ids of Microsoft.ApiManagement/service resources, separated by commas"),
      ),
    )
    .describe(
      "ARM ids of the API Management services that may be written to, separated by commas; no other is ever touched",
    ),
  PORTCULLIS_CLIENT_ADDRESS_HEADER: z
    .string()
    .refine(isHeaderName, "expected the name of a header, such as X-Forwarded-For")
    .optional()
    .describe(
      "Header in which the proxy before API Management says who calls, such as X-Forwarded-For; its last entry counts. Only where every call comes through that proxy, which callers cannot go around",
    ),
  PORTCULLIS_FIREWALL_POLICIES: commaList
    .pipe(
      z.array(
        z
          .string()
          .refine(
            (id) => parseArmId(id)?.type.toLowerCase() === "microsoft.network/firewallpolicies",
            "expected ARM ids of Microsoft.Network/firewallPolicies resources, separated by commas. Of a firewall name its policy. One with classic rules has none: move its rules to a policy first, https://learn.microsoft.com/azure/firewall-manager/migrate-to-policy",
          ),
      ),
    )
    .describe(
      "ARM ids of the Firewall Policies whose IP Groups may be written to, separated by commas: those that their rule collection group portcullis names and that carry the tag managed-by=portcullis",
    ),
  PORTCULLIS_CONTAIN_IN: commaList
    .pipe(
      z.array(
        z.enum(
          ["alerts", "applications", "endpoint", "identity"],
          "expected alerts, applications, endpoint or identity, separated by commas",
        ),
      ),
    )
    .describe(
      "What of the tenant may be acted on, separated by commas: endpoint (machines in Defender for Endpoint), identity (users in Entra), applications (applications in Entra, as the second identity), alerts (their status, where their products keep them)",
    ),
  PORTCULLIS_APPLICATIONS_CLIENT_ID: z
    .guid()
    .optional()
    .describe("Client id of the second user-assigned identity, which alone may change applications in Entra"),
  PORTCULLIS_PROTECTED_IDENTITIES: commaList
    .pipe(z.array(z.guid("expected object ids, separated by commas")))
    .describe(
      "Object ids of users and service principals that are never touched, separated by commas: break-glass accounts, approvers, the app's own identities",
    ),
  PORTCULLIS_PROTECTED_MACHINES: commaList.describe(
    "Machine ids of Defender for Endpoint, or DNS names, that are never touched, separated by commas: domain controllers, hypervisors, backup servers",
  ),
  PORTCULLIS_PROTECTED_NETWORKS: commaList
    .pipe(z.array(z.string().refine(isNetwork, "expected IP addresses or CIDR blocks, separated by commas")))
    .describe("Addresses and CIDR blocks that are never contained: own egress, proxies, monitors"),
  PORTCULLIS_MAX_DURATION: Duration.default("P7D").describe(
    "The longest that any containment may last, whatever a playbook says",
  ),
  PORTCULLIS_SWEEP_SCHEDULE: z
    .string()
    .describe(
      "NCRONTAB of the timer that expires containments and looks for drift: 0 * * * * * for every minute. The Functions host reads it too, so it has no default",
    ),
  PORTCULLIS_TABLE_ENDPOINT: z
    .url()
    .refine(
      (url) => url.startsWith("https://") || isLoopback(url),
      "expected an https URL, or http on a loopback address (Azurite)",
    )
    .describe("Table endpoint of the ledger's storage account: https with the app's identity, or Azurite on loopback"),
  PORTCULLIS_TABLE_PREFIX: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9]{0,30}$/, "expected letters and digits, beginning with a letter")
    .default("Portcullis")
    .describe("First part of the ledger's table names"),
  PORTCULLIS_PLAYBOOKS: z.string().default("playbooks").describe("Folder of the playbooks, relative to the app"),
  PORTCULLIS_LOOKUPS: commaList
    .pipe(
      z.array(
        z.enum(
          ["directory", "machines", "own-addresses"],
          "expected directory, machines or own-addresses, separated by commas",
        ),
      ),
    )
    .describe(
      "What may be looked up about an alert beyond API Management: directory (Graph), machines (Defender for Endpoint), own-addresses (public IPs of the subscriptions)",
    ),
  PORTCULLIS_NETWORK_SUBSCRIPTIONS: commaList
    .pipe(z.array(z.guid()))
    .describe(
      "More subscriptions whose public IP addresses are your own, separated by commas: that of the hub in a hub and spoke network, where gateways, firewalls and NAT live. Those of PORTCULLIS_API_MANAGEMENT are always looked at",
    ),
  PORTCULLIS_LOG_ANALYTICS_WORKSPACE: z
    .guid()
    .optional()
    .describe("Workspace id with the gateway logs of API Management: tells which subscription key an attacker used"),
  PORTCULLIS_POLL_SCHEDULE: z
    .string()
    .describe("NCRONTAB of the pollers. The Functions host reads it too, so it has no default"),
  PORTCULLIS_POLL_GRAPH: z
    .enum(["off", "on"])
    .default("off")
    .describe("Whether alerts are polled from Microsoft Graph (alerts_v2)"),
  PORTCULLIS_CLOUD_APPS_URL: z
    .url()
    .refine(
      (url) => /^https:\/\/[a-z0-9.-]+\.portal\.cloudappsecurity\.com\/?$/.test(url),
      "expected https://TENANT.REGION.portal.cloudappsecurity.com",
    )
    .optional()
    .describe("API address of Defender for Cloud Apps; with it its alerts are polled"),
  PORTCULLIS_EVENT_HUB__fullyQualifiedNamespace: z
    .string()
    .optional()
    .describe(
      "Event Hubs namespace of continuous export and XDR streaming, such as contoso.servicebus.windows.net. Read by the Functions host, with the two below; without an Event Hub set AzureWebJobs.receiveExport.Disabled to true",
    ),
  PORTCULLIS_EVENT_HUB_NAME: z.string().optional().describe("Event Hub that is read"),
  PORTCULLIS_EVENT_HUB_CONSUMER_GROUP: z.string().optional().describe("Consumer group that nobody else reads with"),
  PORTCULLIS_JOIN_WINDOW: Duration.default("PT30S").describe(
    "How long the records of one XDR stream alert are waited for, from the first on",
  ),
  PORTCULLIS_WEBHOOK_KEY: z
    .string()
    .min(32, "expected at least 32 characters")
    .optional()
    .describe("Key that callers of POST /api/alerts send as x-portcullis-key or ?key=; a Key Vault reference"),
  PORTCULLIS_WEBHOOK_TENANT: z.guid().optional().describe("Entra tenant whose tokens POST /api/alerts takes"),
  PORTCULLIS_WEBHOOK_AUDIENCE: z.string().optional().describe("Audience that those tokens must have"),
  PORTCULLIS_WEBHOOK_CALLERS: commaList
    .pipe(z.array(z.guid()))
    .describe("Object or application ids that may call POST /api/alerts with a token, separated by commas"),
  PORTCULLIS_NOTIFY_URL: z
    .url()
    .refine((url) => url.startsWith("https://") || isLoopback(url), "expected an https URL")
    .optional()
    .describe("Incoming webhook (Slack, Teams workflow) that is told what needs a person; a Key Vault reference"),
  PORTCULLIS_CLIENT_ID: z
    .guid()
    .optional()
    .describe("Client id of the user-assigned identity that acts; without it the system-assigned one"),
  PORTCULLIS_SIMULATED_AZURE: z
    .string()
    .refine(isLoopback, "a simulated Azure is accepted on a loopback address only")
    .optional()
    .describe("Base URL of the simulated Azure, for laptops and tests"),
});
export type Settings = z.infer<typeof Settings>;

export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** Reads the settings; the error names every setting that is wrong and what would be right. */
export function readSettings(environment: Readonly<Record<string, string | undefined>> = process.env): Settings {
  // An empty app setting means "not set" in the portal.
  const given = Object.fromEntries(
    Object.keys(Settings.shape).flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])),
  );
  // App Service hands a reference that it cannot resolve on as it is: a webhook key that everybody can guess.
  const unresolved = Object.keys(given).filter((name) => given[name]?.startsWith("@Microsoft.KeyVault("));
  if (unresolved.length > 0) {
    throw new SettingsError(
      `The app settings are not usable. ${unresolved.join(", ")}: the Key Vault reference could not be resolved; see the app's environment variables in the portal.`,
    );
  }
  const result = Settings.safeParse(given);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${String(path[0])}: ${message}`);
  throw new SettingsError(`The app settings are not usable. ${faults.join("; ")}. See local.settings.example.json.`);
}

/**
 * Whether the managed-identity endpoint that @azure/identity will ask is on this machine. With a setting missing it would look for
 * one on the network instead, and a rehearsal must not.
 */
export function hasLocalIdentity(environment: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return Boolean(environment.IDENTITY_HEADER) && isLoopback(environment.IDENTITY_ENDPOINT ?? "");
}
