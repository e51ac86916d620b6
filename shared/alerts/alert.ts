import * as z from "zod";

export const Severity = z.enum(["Informational", "Low", "Medium", "High"]);
export type Severity = z.infer<typeof Severity>;

const Role = z.enum(["attacker", "victim", "context"]);

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

export const Entity = z.discriminatedUnion("kind", [IpEntity, ApiEndpointEntity, AzureResourceEntity]);
export type Entity = z.infer<typeof Entity>;

/** One finding of a Defender product, whatever shape it came in. */
export const Alert = z.object({
  /** Derived from source and product id: the same alert over any path has the same key. Legal as an instance id and a table key. */
  key: z.string().regex(/^[a-z0-9-]{1,80}$/),
  source: z.enum(["defender-for-cloud", "by-hand"]),
  family: z.enum(["arm-2022-01-01", "flat", "target"]),
  /** The product's own id of the alert. */
  productId: z.string(),
  /** Detection id without the `SIMULATED_` that portal samples carry: `API_SprayInRequests`. */
  type: z.string(),
  title: z.string(),
  description: z.string(),
  severity: Severity,
  status: z.enum(["new", "inProgress", "resolved", "dismissed"]),
  /** A product's sample or test alert: goes the whole way, never acts. */
  sample: z.boolean(),
  tactics: z.array(z.string()),
  raisedAt: z.iso.datetime({ precision: 3 }),
  entities: z.array(Entity),
  /** What was cut short, ignored or doubted while reading, and why. */
  notes: z.array(z.string()),
});
export type Alert = z.infer<typeof Alert>;
