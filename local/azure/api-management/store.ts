/** What the simulated control plane writes and the simulated gateway reads: one API Management service. */

/** A policy or fragment as the service holds it: well-formed XML (the `format=xml` text), normalised. */
export interface StoredDocument {
  xml: string;
  etag: string;
}

export interface Fragment extends StoredDocument {
  description?: string;
  /** While an asynchronous write is under way the old `xml` is still the one in force. */
  provisioningState: "InProgress" | "Succeeded" | "Failed";
}

export interface Operation {
  id: string;
  displayName: string;
  method: string;
  /** As Azure writes it: `/orders/{orderId}`. */
  urlTemplate: string;
}

export interface Api {
  id: string;
  displayName: string;
  /** First segment(s) of the public URL, without slashes at the ends: `orders`. */
  path: string;
  subscriptionRequired: boolean;
  /** Where the gateway would forward to. */
  serviceUrl?: string;
  /** `1` without it. Revisions that are not current are APIs of their own under `orders;rev=2`. */
  revision?: string;
  /** True without it. */
  isCurrent?: boolean;
  /** The version it is within a version set; with `Segment` the URL carries it behind the path. */
  version?: { name: string; scheme: "Segment" | "Query" | "Header" };
  operations: Map<string, Operation>;
}

export interface NamedValue {
  id: string;
  displayName: string;
  value: string;
  /** A secret's value is left out of every answer but listValue. */
  secret?: boolean;
  tags?: string[];
  etag?: string;
}

/** A subscription: a pair of keys with which APIs are called. */
export interface ApiSubscription {
  id: string;
  displayName: string;
  /** Below the service: `/apis`, `/apis/orders`, `/products/starter`. */
  scope: string;
  /** Id of the user whose it is. */
  ownerId?: string;
  state: "active" | "suspended" | "expired" | "submitted" | "rejected" | "cancelled";
  primaryKey: string;
  secondaryKey: string;
  etag: string;
}

export interface ApiUser {
  id: string;
  firstName: string;
  lastName: string;
  email: string;
  state: "active" | "blocked";
  note?: string;
  etag: string;
}

interface Product {
  id: string;
  displayName: string;
}

interface Workspace {
  id: string;
  displayName: string;
  apis: Map<string, Api>;
}

interface HostnameConfiguration {
  type: "Proxy" | "Portal" | "Management" | "Scm" | "DeveloperPortal";
  hostName: string;
  defaultSslBinding?: boolean;
}

export type Sku =
  | "Consumption"
  | "Developer"
  | "Basic"
  | "Standard"
  | "Premium"
  | "BasicV2"
  | "StandardV2"
  | "PremiumV2";

export interface ApiManagementService {
  /** Full ARM id in the letter case in which it was made; look-ups ignore case. */
  id: string;
  name: string;
  location: string;
  sku: Sku;
  /** `contoso.azure-api.net` */
  gatewayHost: string;
  /** The gateway host alone, without it. */
  hostnameConfigurations?: HostnameConfiguration[];
  publicIPAddresses?: string[];
  products?: Map<string, Product>;
  subscriptions?: Map<string, ApiSubscription>;
  users?: Map<string, ApiUser>;
  /** Their APIs are managed here; the gateway does not serve them. */
  workspaces?: Map<string, Workspace>;
  apis: Map<string, Api>;
  namedValues: Map<string, NamedValue>;
  fragments: Map<string, Fragment>;
  /** By scope: `""` is global, then `products/x`, `apis/x`, `apis/x/operations/y`, `workspaces/x`, `workspaces/x/apis/y`. */
  policies: Map<string, StoredDocument>;
}
