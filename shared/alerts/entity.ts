import * as z from "zod";

export const Role = z.enum(["attacker", "victim", "context"]);
export type Role = z.infer<typeof Role>;

const found = {
  role: Role,
  /** Where in the payload it stood, in the payload's own spelling: `properties.entities[2].address`. */
  foundAt: z.string(),
};

export const IpEntity = z.object({
  kind: z.literal("ip"),
  ...found,
  /** Canonical text: no port, no zone, no leading zeros. */
  address: z.string(),
  class: z.enum(["public", "documentation", "private", "reserved", "loopback", "unspecified", "azure-platform"]),
});
export type IpEntity = z.infer<typeof IpEntity>;

const ApiEndpointEntity = z.object({
  kind: z.literal("api-endpoint"),
  ...found,
  method: z.string(),
  /** Lower-cased host name and the path as the alert gives it. */
  host: z.string(),
  path: z.string(),
});

const AzureResourceEntity = z.object({
  kind: z.literal("azure-resource"),
  ...found,
  resourceId: z.string(),
});

/** A machine. None of its ids can stand for another: each belongs to one service. */
const HostEntity = z.object({
  kind: z.literal("host"),
  ...found,
  /** Short name, as the alert gives it. */
  name: z.string().optional(),
  /** Fully qualified DNS name, lower case. */
  fqdn: z.string().optional(),
  /** ARM id of the virtual machine or Arc machine. */
  resourceId: z.string().optional(),
  /** Defender for Endpoint's machine id: 40 hexadecimal digits. */
  mdeDeviceId: z.string().optional(),
  /** Entra's device id: a GUID. */
  azureAdDeviceId: z.string().optional(),
  /** Log Analytics agent (`omsAgentID`, `SourceComputerId`): a GUID that no containment understands. */
  agentId: z.string().optional(),
});

const UserEntity = z.object({
  kind: z.literal("user"),
  ...found,
  /** Entra object id. */
  objectId: z.string().optional(),
  upn: z.string().optional(),
  name: z.string().optional(),
  domain: z.string().optional(),
  sid: z.string().optional(),
});

const ServicePrincipalEntity = z.object({
  kind: z.literal("service-principal"),
  ...found,
  objectId: z.string().optional(),
  appId: z.string().optional(),
  name: z.string().optional(),
});

/** An Entra object id that the alert does not tell more about: a user or a service principal. */
const PrincipalEntity = z.object({ kind: z.literal("principal"), ...found, objectId: z.string() });

/** An application as Entra knows it, by its client id; `objectId` is that of its application or service principal object. */
const ApplicationEntity = z.object({
  kind: z.literal("application"),
  ...found,
  appId: z.string(),
  objectId: z.string().optional(),
  name: z.string().optional(),
});

/** An application in the catalogue of Defender for Cloud Apps: a small number, never an Entra id. */
const CloudAppEntity = z.object({
  kind: z.literal("cloud-app"),
  ...found,
  cloudAppId: z.number(),
  name: z.string().optional(),
});

const FileEntity = z.object({
  kind: z.literal("file"),
  ...found,
  name: z.string().optional(),
  directory: z.string().optional(),
  md5: z.string().optional(),
  sha1: z.string().optional(),
  sha256: z.string().optional(),
});

const UrlEntity = z.object({ kind: z.literal("url"), ...found, url: z.string() });
const DomainEntity = z.object({ kind: z.literal("domain"), ...found, domain: z.string() });
const MailboxEntity = z.object({ kind: z.literal("mailbox"), ...found, address: z.string() });
const BlobEntity = z.object({ kind: z.literal("blob"), ...found, uri: z.string() });

export const Entity = z.discriminatedUnion("kind", [
  IpEntity,
  ApiEndpointEntity,
  AzureResourceEntity,
  HostEntity,
  UserEntity,
  ServicePrincipalEntity,
  PrincipalEntity,
  ApplicationEntity,
  CloudAppEntity,
  FileEntity,
  UrlEntity,
  DomainEntity,
  MailboxEntity,
  BlobEntity,
]);
export type Entity = z.infer<typeof Entity>;
