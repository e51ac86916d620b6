import { createHash } from "node:crypto";
import * as z from "zod";
import { identityOf, Target } from "./target.ts";

/** What kind of thing in Azure holds containments. */
export const PointKind = z.enum([
  /** The fragment of one API Management service. */
  "apim-fragment",
  /** Subscriptions and users of one API Management service. */
  "apim-access",
  /** The IP Groups of one Firewall Policy. */
  "firewall",
  /** The machines of the tenant in Defender for Endpoint. */
  "endpoint",
  /** The users of the tenant in Entra. */
  "identity",
  /** The applications of the tenant in Entra, changed as the second identity. */
  "applications",
  /** The alerts themselves, where their products keep them. */
  "alerts",
]);
export type PointKind = z.infer<typeof PointKind>;

/** A thing in Azure that holds containments; it has exactly one writer. */
export const EnforcementPoint = z.object({
  kind: PointKind,
  /** Legal as an entity key and a table key; derived from kind and resource id. */
  key: z.string(),
  /** An ARM id, or `tenant` for what a tenant has one of. */
  resourceId: z.string(),
});
export type EnforcementPoint = z.infer<typeof EnforcementPoint>;

const tenant = "tenant";

/** The point of a resource, or of the tenant. */
export function enforcementPoint(kind: PointKind, resourceId = tenant): EnforcementPoint {
  const key = resourceId === tenant ? kind : `${kind}-${digest(resourceId.toLowerCase())}`;
  return { kind, key, resourceId };
}

/** One alert, or one run by hand, that wants the containment. */
export const Owner = z.object({
  /** The alert's key, or the run's id when a person asked. */
  id: z.string(),
  runId: z.string(),
  playbook: z.string(),
  params: z.record(z.string(), z.unknown()),
  since: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type Owner = z.infer<typeof Owner>;

export const ContainmentState = z.enum(["requested", "accepted", "verified", "failed", "released"]);
export type ContainmentState = z.infer<typeof ContainmentState>;

/** What a look at the target found before anything was sent. */
const Found = z.object({
  /** It was so already, by somebody else: nothing is sent, and a release leaves it as it is. */
  held: z.boolean(),
  /** In words: "accountEnabled: true". */
  summary: z.string(),
  /** What applying, verifying or releasing has to know of it later. */
  memo: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});
/**
 * How far a containment has come at its target. Each part is written down before the next step is taken: what was there before, that a
 * request may have gone out, what the service answered. A process that dies between two finds what it did.
 */
export const Progress = z.object({
  before: Found,
  /** A request that contains may have been sent since then. */
  attemptedAt: z.iso.datetime().optional(),
  /** What the service calls the action that it took on. */
  ticket: z.string().optional(),
  /** A request that takes it back may have been sent since then. */
  undoneAt: z.iso.datetime().optional(),
  undoTicket: z.string().optional(),
  /** When it was last seen to hold or not to hold. */
  checkedAt: z.iso.datetime().optional(),
  /** That a person was told that it takes too long. */
  escalated: z.boolean().optional(),
});
export type Progress = z.infer<typeof Progress>;

/** One responder on one target. Exists once however many alerts ask for it, and ends when its last owner's time ends. */
export const Containment = z.object({
  id: z.string(),
  responder: z.string(),
  point: EnforcementPoint,
  target: Target,
  /** The most severe alert that asks for it is served first: 3 High to 0 Informational. */
  priority: z.int().min(0).max(3).default(0),
  owners: z.array(Owner),
  state: ContainmentState,
  /** Why it is in that state, when that is not obvious. */
  reason: z.string().optional(),
  progress: Progress.optional(),
  requestedAt: z.iso.datetime(),
  acceptedAt: z.iso.datetime().optional(),
  verifiedAt: z.iso.datetime().optional(),
  releasedAt: z.iso.datetime().optional(),
});
export type Containment = z.infer<typeof Containment>;

export function containmentId(responder: string, point: EnforcementPoint, target: Target): string {
  return `${responder}-${digest(JSON.stringify([point.key, ...identityOf(target)]))}`;
}

/** Expired owners no longer count; without one that does the containment is due for release. */
export function isWanted({ owners }: Containment, now: Date): boolean {
  return owners.some(({ expiresAt }) => Date.parse(expiresAt) > now.getTime());
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 20);
}
