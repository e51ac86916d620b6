import * as z from "zod";

/** What was looked up about an alert before deciding: reads only, each with its miss recorded. */
export interface Facts {
  /** The API Management service that the alert is about. */
  service: { id: string } | { miss: string };
  /** The API and operation that the alert's METHOD and URL lead to. */
  endpoint: ResolvedEndpoint | { miss: string };
  /** What a person named that no alert tells. */
  named?: { subscriptionId?: string | undefined; apiUserId?: string | undefined };
}

interface ResolvedEndpoint {
  apiId: string;
  /** Absent where the path leads to the API but to none of its operations. */
  operationId?: string;
}

/** What one kind of look-up was asked, with every answer or the reason why there is none. */
function lookUp<Found extends z.ZodType>(found: Found) {
  const every = { about: z.string(), tookMs: z.number() };
  return z.object({
    asked: z.array(z.union([z.object({ ...every, found }), z.object({ ...every, miss: z.string() })])),
    /** Why nothing was asked, or what was left out. */
    notAsked: z.string().optional(),
  });
}

/** The one active machine in Defender for Endpoint that a host of the alert is. */
export const MachineFact = z.object({
  id: z.string(),
  matchedBy: z.enum(["mdeDeviceId", "vmResourceId", "dnsName"]),
  dnsName: z.string().optional(),
  vmResourceId: z.string().optional(),
  lastSeen: z.string().optional(),
  deviceValue: z.string().optional(),
  group: z.string().optional(),
  tags: z.array(z.string()),
});
export type MachineFact = z.infer<typeof MachineFact>;

/** What an Entra object id or user principal name stands for. */
export const IdentityFact = z.object({
  id: z.string(),
  kind: z.enum(["user", "guest", "service-principal", "managed-identity", "other"]),
  displayName: z.string().optional(),
  upn: z.string().optional(),
  appId: z.string().optional(),
  enabled: z.boolean().optional(),
  /** Comes from Active Directory: what is changed in Entra may be undone by the next synchronisation. */
  synced: z.boolean().optional(),
  /** Whether it was seen to hold any directory role, and which. It may be privileged without one. */
  holdsDirectoryRole: z.enum(["yes", "none-seen", "unknown"]),
  roles: z.array(z.string()),
  /** Why the roles are not known, or which kinds of privilege were not looked at. */
  rolesMiss: z.string().optional(),
});
export type IdentityFact = z.infer<typeof IdentityFact>;

/** Whether an address is one of the installation's own public addresses, and whose. */
export const OwnAddressFact = z.discriminatedUnion("own", [
  z.object({
    own: z.literal(false),
    /** Among which addresses it is not: `the public IP addresses of …`. It may be ours all the same. */
    notAmong: z.string(),
  }),
  z.object({
    own: z.literal(true),
    /** In words: `the application gateway agw-shop`. */
    owner: z.string(),
    /** Bound to the network interface of a machine, and to nothing that many share: the machine may be the one that attacks. */
    machine: z.boolean(),
    /** ARM id of the public IP address or prefix, or of the API Management service. */
    resourceId: z.string(),
  }),
]);
export type OwnAddressFact = z.infer<typeof OwnAddressFact>;

/** With which API Management subscriptions (keys) an address called, as the gateway logged it. */
export const ApiSubscriptionFact = z.object({
  from: z.iso.datetime(),
  until: z.iso.datetime(),
  subscriptions: z.array(
    z.object({
      /** Empty for calls without a key. */
      id: z.string(),
      calls: z.number(),
      statuses: z.array(z.object({ status: z.number(), calls: z.number() })),
      firstCallAt: z.string(),
      lastCallAt: z.string(),
    }),
  ),
  /** Why there may be more than this. */
  incomplete: z.string().optional(),
});
export type ApiSubscriptionFact = z.infer<typeof ApiSubscriptionFact>;

/** What was looked up about the entities of an alert, recorded with the run. A miss is an answer too. */
export const Enrichment = z.object({
  machines: lookUp(MachineFact),
  identities: lookUp(IdentityFact),
  ownAddresses: lookUp(OwnAddressFact),
  apiSubscriptions: lookUp(ApiSubscriptionFact),
});
export type Enrichment = z.infer<typeof Enrichment>;
