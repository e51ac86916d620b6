import { isIP } from "node:net";
import * as z from "zod";

/** Where in API Management a containment holds. */
export const Scope = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("service") }),
  z.object({ kind: z.literal("api"), apiId: z.string() }),
  z.object({ kind: z.literal("operation"), apiId: z.string(), operationId: z.string() }),
]);
export type Scope = z.infer<typeof Scope>;

const name = z.string().optional().describe("What people call it; it identifies nothing");

/** Rows that were written before there were other targets than callers of an API do not say what kind they are. */
function withKind(target: unknown): unknown {
  const old = typeof target === "object" && target !== null && "scope" in target && !("kind" in target);
  return old ? { kind: "api-caller", ...target } : target;
}

export const AnyTarget = z.discriminatedUnion("kind", [
  /** A caller of an API, by its address or by the API Management subscription that it calls with; without both every caller. */
  z.object({
    kind: z.literal("api-caller"),
    scope: Scope,
    address: z.string().optional(),
    subscriptionId: z.string().optional(),
  }),
  z.object({ kind: z.literal("address"), address: z.string() }),
  /** By its id in Defender for Endpoint: 40 hexadecimal digits. */
  z.object({ kind: z.literal("machine"), machineId: z.string(), name }),
  z.object({ kind: z.literal("file"), machineId: z.string(), machineName: name, sha1: z.string(), name }),
  z.object({
    kind: z.literal("indicator"),
    type: z.enum(["IpAddress", "DomainName", "Url", "FileSha1", "FileSha256"]),
    value: z.string(),
  }),
  /** By its object id in Entra. */
  z.object({ kind: z.literal("user"), userId: z.string(), name }),
  z.object({ kind: z.literal("service-principal"), servicePrincipalId: z.string(), name }),
  /** A subscription (key) of an API Management service. */
  z.object({ kind: z.literal("api-subscription"), subscriptionId: z.string(), name }),
  z.object({ kind: z.literal("api-user"), userId: z.string(), name }),
  /** An alert or incident by where its product keeps it. */
  z.object({
    kind: z.literal("alert"),
    product: z.enum(["defender-for-cloud", "graph-alert", "graph-incident", "cloud-apps"]),
    id: z.string(),
  }),
]);
export type Target = z.infer<typeof AnyTarget>;

/** Whom or what a containment is about. */
export const Target: z.ZodType<Target> = z.preprocess(withKind, AnyTarget);
export type TargetKind = Target["kind"];
export type TargetOf<Kind extends TargetKind> = Extract<Target, { kind: Kind }>;

/** What makes it this target and no other, in any spelling: names left out, ids in lower case. */
export function identityOf(target: Target): readonly (string | null)[] {
  switch (target.kind) {
    case "api-caller": {
      // As ledgers had it when there was no other kind, so that an alert finds what an earlier version contained.
      const { scope, address = null, subscriptionId } = target;
      const at =
        scope.kind === "service" ? [] : scope.kind === "api" ? [scope.apiId] : [scope.apiId, scope.operationId];
      return [scope.kind, ...at, address, ...(subscriptionId === undefined ? [] : [subscriptionId])];
    }
    case "address":
      return [target.kind, target.address];
    case "machine":
      return [target.kind, target.machineId.toLowerCase()];
    case "file":
      return [target.kind, target.machineId.toLowerCase(), target.sha1.toLowerCase()];
    case "indicator":
      // The path of a URL has a letter case of its own.
      return [target.kind, target.type, target.type === "Url" ? target.value : target.value.toLowerCase()];
    case "user":
    case "api-user":
      return [target.kind, target.userId.toLowerCase()];
    case "service-principal":
      return [target.kind, target.servicePrincipalId.toLowerCase()];
    case "api-subscription":
      return [target.kind, target.subscriptionId.toLowerCase()];
    case "alert":
      return [target.kind, target.product, target.id.toLowerCase()];
  }
}

/** The one network address that a target is, where it is one. */
export function addressOf(target: Target): string | undefined {
  switch (target.kind) {
    case "api-caller":
    case "address":
      return target.address;
    case "indicator":
      return target.type === "Url" ? hostAddress(target.value) : target.type === "IpAddress" ? target.value : undefined;
    default:
      return undefined;
  }
}

/** `http://203.0.113.7/` is about an address as much as the address itself. */
function hostAddress(url: string): string | undefined {
  const host = URL.canParse(url) ? new URL(url).hostname.replace(/^\[(.*)\]$/, "$1") : "";
  return isIP(host) === 0 ? undefined : host;
}

/** In words, for people: `203.0.113.7`, `machine pay-7.contoso.example`. */
export function describeTarget(target: Target): string {
  switch (target.kind) {
    case "api-caller": {
      const { scope, address, subscriptionId } = target;
      const who = address ?? (subscriptionId === undefined ? "every caller" : `API subscription ${subscriptionId}`);
      return scope.kind === "service"
        ? who
        : `${who} at ${scope.apiId}${scope.kind === "operation" ? `/${scope.operationId}` : ""}`;
    }
    case "address":
      return target.address;
    case "machine":
      return `machine ${target.name ?? target.machineId}`;
    case "file":
      return `file ${target.name ?? target.sha1} on machine ${target.machineName ?? target.machineId}`;
    case "indicator":
      return target.value;
    case "user":
      return `user ${target.name ?? target.userId}`;
    case "service-principal":
      return `application ${target.name ?? target.servicePrincipalId}`;
    case "api-subscription":
      return `API subscription ${target.name ?? target.subscriptionId}`;
    case "api-user":
      return `API user ${target.name ?? target.userId}`;
    case "alert":
      return `${target.product} ${target.id}`;
  }
}

/** What of an alert a step is applied to. */
export const TargetSelector = z.enum([
  "attacker-ip",
  "api-endpoint",
  "attacker-subscription",
  "attacker-api-user",
  "victim-machine",
  "victim-user",
  "attacker-user",
  "attacker-application",
  "malicious-file",
  "indicator",
  "alert",
]);
export type TargetSelector = z.infer<typeof TargetSelector>;
