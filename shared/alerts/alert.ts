import * as z from "zod";
import { Entity } from "./entity.ts";

export const Severity = z.enum(["Informational", "Low", "Medium", "High"]);
export type Severity = z.infer<typeof Severity>;

/** The product that found it, whatever way the finding took: a Defender for Endpoint alert that Defender for Cloud passes on is Endpoint's. */
export const Source = z.enum([
  "defender-for-cloud",
  "defender-for-endpoint",
  "defender-for-identity",
  "defender-for-office-365",
  "defender-for-cloud-apps",
  "defender-xdr",
  "entra-id-protection",
  "app-governance",
  "purview",
  "sentinel",
  "other",
  "by-hand",
]);
export type Source = z.infer<typeof Source>;

/** The shape it came in. */
export const Family = z.enum([
  "arm-2022-01-01",
  "arm-2019-01-01",
  "flat",
  "log-analytics",
  "activity-log",
  "graph-alert",
  "endpoint-alert",
  "cloud-apps-alert",
  "office-activity",
  "sentinel-incident",
  "xdr-stream",
  "xdr-incident",
  "malware-scan",
  "target",
]);
export type Family = z.infer<typeof Family>;

/** One finding of a Defender product, whatever shape it came in. */
export const Alert = z.object({
  /** Derived from source and product id: the same alert over any path has the same key. Legal as an instance id and a table key. */
  key: z.string().regex(/^[a-z0-9-]{1,80}$/),
  source: Source,
  family: Family,
  /** The product's own id of the alert. */
  productId: z.string(),
  /**
   * What playbooks match: the detection id without the `SIMULATED_` of portal samples (`API_SprayInRequests`). Products that give no
   * such id are matched by their category (`CredentialAccess`).
   */
  type: z.string(),
  title: z.string(),
  description: z.string(),
  severity: Severity,
  status: z.enum(["new", "inProgress", "resolved", "dismissed"]),
  /** What a person, or the product, made of it. */
  classification: z.enum(["true-positive", "false-positive", "benign"]).optional(),
  /** A product's sample or test alert: goes the whole way, never acts. */
  sample: z.boolean(),
  /** An aggregate of alerts. */
  incident: z.boolean().default(false),
  /** Keys of the alerts that an incident is made of, as far as it says. */
  members: z.array(z.string()).default([]),
  tactics: z.array(z.string()),
  /** ATT&CK technique ids: `T1059`, `T1059.001`. */
  techniques: z.array(z.string()).default([]),
  raisedAt: z.iso.datetime({ precision: 3 }),
  /** When the product last changed it; absent where the shape does not say. */
  updatedAt: z.iso.datetime({ precision: 3 }).optional(),
  /** Under which names other services know it. */
  references: z
    .object({
      /** ARM id of a Defender for Cloud alert or of a Sentinel incident. */
      armId: z.string().optional(),
      /** Id in Graph `alerts_v2`. */
      graphId: z.string().optional(),
      incidentId: z.string().optional(),
      portal: z.string().optional(),
    })
    .default({}),
  entities: z.array(Entity),
  /** What was cut short, left out or doubted while reading, and why. */
  notes: z.array(z.string()),
});
export type Alert = z.infer<typeof Alert>;
