import type { Settings } from "./config.ts";

/** What the identity is granted, and where. */
interface Grant {
  kind: "Azure action" | "Azure role" | "app role";
  name: string;
  /** For an app role the API that has it, else what to assign it on. */
  on: string;
}

/** One feature that reads beyond API Management: what turns it on, what it asks, and what for that the identity needs. */
export interface ReadingFeature {
  feature: string;
  /** Absent where nothing has to be set: an event that points there is enough. */
  setting?: keyof Settings;
  /** What the setting must hold, where not any value will do. */
  value?: string;
  calls: readonly string[];
  grants: readonly Grant[];
  /** What is not certain about it. */
  note?: string;
}

const graph = "Microsoft Graph";
const endpoint = "WindowsDefenderATP";

/** The names are those that Microsoft publishes; none of them has been tried against a live tenant. */
export const readingFeatures: readonly ReadingFeature[] = [
  {
    feature: "Poll alerts from Graph",
    setting: "PORTCULLIS_POLL_GRAPH",
    value: "on",
    calls: ["GET /security/alerts_v2"],
    grants: [{ kind: "app role", name: "SecurityAlert.Read.All", on: graph }],
  },
  {
    feature: "Poll alerts from Defender for Cloud Apps",
    setting: "PORTCULLIS_CLOUD_APPS_URL",
    calls: ["POST /api/v1/alerts/"],
    grants: [{ kind: "app role", name: "Investigation.read", on: "Microsoft Cloud App Security" }],
    note: "A search, although it is a POST. The role's value is spelled investigation.read",
  },
  {
    feature: "Read an Event Hub",
    setting: "PORTCULLIS_EVENT_HUB__fullyQualifiedNamespace",
    calls: ["AMQP receive"],
    grants: [{ kind: "Azure role", name: "Azure Event Hubs Data Receiver", on: "the Event Hub" }],
    note: "The Functions host does the reading. A user-assigned identity has to be named beside it, as PORTCULLIS_EVENT_HUB__clientId with PORTCULLIS_EVENT_HUB__credential=managedidentity",
  },
  {
    feature: "Look up machines",
    setting: "PORTCULLIS_LOOKUPS",
    value: "machines",
    calls: ["GET /api/machines/{id}", "GET /api/machines?$filter=…"],
    grants: [{ kind: "app role", name: "Machine.Read.All", on: endpoint }],
  },
  {
    feature: "Look up users and service principals",
    setting: "PORTCULLIS_LOOKUPS",
    value: "directory",
    calls: [
      "POST /directoryObjects/getByIds",
      "GET /users?$filter=…",
      "GET /users/{id}/transitiveMemberOf/microsoft.graph.directoryRole",
      "GET /servicePrincipals/{id}/transitiveMemberOf/microsoft.graph.directoryRole",
      "GET /roleManagement/directory/roleAssignments",
    ],
    grants: [
      { kind: "app role", name: "User.Read.All", on: graph },
      { kind: "app role", name: "Application.Read.All", on: graph },
      { kind: "app role", name: "RoleManagement.Read.Directory", on: graph },
    ],
    note: "For getByIds Microsoft lists Directory.Read.All, and says that with less it gives the details of the types that may be read",
  },
  {
    feature: "Look up own addresses",
    setting: "PORTCULLIS_LOOKUPS",
    value: "own-addresses",
    calls: [
      "GET /subscriptions/{id}/providers/Microsoft.Network/publicIPAddresses",
      "GET /subscriptions/{id}/providers/Microsoft.Network/publicIPPrefixes",
      "GET {API Management service}",
    ],
    grants: [
      { kind: "Azure action", name: "Microsoft.Network/publicIPAddresses/read", on: "the subscriptions" },
      { kind: "Azure action", name: "Microsoft.Network/publicIPPrefixes/read", on: "the subscriptions" },
      { kind: "Azure action", name: "Microsoft.ApiManagement/service/read", on: "the services" },
    ],
    note: "Asked are the services in PORTCULLIS_API_MANAGEMENT, their subscriptions and those in PORTCULLIS_NETWORK_SUBSCRIPTIONS",
  },
  {
    feature: "Look up API subscriptions in the gateway's log",
    setting: "PORTCULLIS_LOG_ANALYTICS_WORKSPACE",
    calls: ["POST /v1/workspaces/{id}/query"],
    grants: [
      { kind: "Azure action", name: "Microsoft.OperationalInsights/workspaces/read", on: "the workspace" },
      { kind: "Azure action", name: "Microsoft.OperationalInsights/workspaces/query/read", on: "the workspace" },
      {
        kind: "Azure action",
        name: "Microsoft.OperationalInsights/workspaces/query/ApiManagementGatewayLogs/read",
        on: "the workspace",
      },
    ],
    note: "Or the role Log Analytics Reader; or the data action Microsoft.OperationalInsights/workspaces/tables/data/read in place of the last one",
  },
  {
    feature: "Fetch an alert of Defender for Cloud that an event points at",
    calls: ["GET {alert}"],
    grants: [{ kind: "Azure action", name: "Microsoft.Security/locations/alerts/read", on: "the subscriptions" }],
  },
  {
    feature: "Fetch a Sentinel incident with its alerts and entities",
    calls: ["GET {incident}", "POST {incident}/alerts", "POST {incident}/entities"],
    grants: [
      { kind: "Azure action", name: "Microsoft.SecurityInsights/incidents/read", on: "the workspace" },
      { kind: "Azure role", name: "Microsoft Sentinel Reader", on: "the workspace" },
    ],
    note: "Azure's published list of actions has none for the two POSTs. The role has every read action; should it be refused there (403), Microsoft Sentinel Responder has all of incidents/*, writing included",
  },
  {
    feature: "Fetch an alert of Graph that an event points at",
    calls: ["GET /security/alerts_v2/{id}"],
    grants: [{ kind: "app role", name: "SecurityAlert.Read.All", on: graph }],
  },
  {
    feature: "Fetch an alert of Defender for Endpoint that an event points at",
    calls: ["GET /api/alerts/{id}?$expand=evidence"],
    grants: [{ kind: "app role", name: "Alert.Read.All", on: endpoint }],
  },
];
