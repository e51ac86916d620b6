import { createHash } from "node:crypto";
import * as z from "zod";

/** Where in API Management a containment holds. */
export const Scope = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("service") }),
  z.object({ kind: z.literal("api"), apiId: z.string() }),
  z.object({ kind: z.literal("operation"), apiId: z.string(), operationId: z.string() }),
]);
export type Scope = z.infer<typeof Scope>;

/** A thing in Azure that holds containments; it has exactly one writer. */
export const EnforcementPoint = z.object({
  kind: z.literal("apim-fragment"),
  /** Legal as an entity key and a table key; derived from kind and resource id. */
  key: z.string(),
  resourceId: z.string(),
});
export type EnforcementPoint = z.infer<typeof EnforcementPoint>;

export function apimFragmentPoint(serviceId: string): EnforcementPoint {
  return { kind: "apim-fragment", key: `apim-fragment-${digest(serviceId.toLowerCase())}`, resourceId: serviceId };
}

/** Whom or what a containment is about. Without an address it holds for every caller. */
export const Target = z.object({ scope: Scope, address: z.string().optional() });
export type Target = z.infer<typeof Target>;

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

/** One responder on one target. Exists once however many alerts ask for it, and ends when its last owner's time ends. */
export const Containment = z.object({
  id: z.string(),
  responder: z.string(),
  point: EnforcementPoint,
  target: Target,
  owners: z.array(Owner),
  state: ContainmentState,
  /** Why it is in that state, when that is not obvious. */
  reason: z.string().optional(),
  requestedAt: z.iso.datetime(),
  acceptedAt: z.iso.datetime().optional(),
  verifiedAt: z.iso.datetime().optional(),
  releasedAt: z.iso.datetime().optional(),
});
export type Containment = z.infer<typeof Containment>;

export function containmentId(responder: string, point: EnforcementPoint, target: Target): string {
  const { scope, address } = target;
  const at = scope.kind === "service" ? [] : scope.kind === "api" ? [scope.apiId] : [scope.apiId, scope.operationId];
  return `${responder}-${digest(JSON.stringify([point.key, scope.kind, ...at, address ?? null]))}`;
}

/** Expired owners no longer count; without one that does the containment is due for release. */
export function isWanted({ owners }: Containment, now: Date): boolean {
  return owners.some(({ expiresAt }) => Date.parse(expiresAt) > now.getTime());
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 20);
}
