import { ArmError } from "../resource-manager/arm-error.ts";
import type { ArmAnswer, ArmCall, ArmRoute } from "../resource-manager/route.ts";
import { speakVersion } from "../resource-manager/speak-version.ts";

interface SimulatedPublicIp {
  id: string;
  /** Absent where the address is dynamic and nothing uses it. */
  ipAddress?: string;
  /** What it is bound to: a network interface, a gateway, a load balancer, a firewall. */
  ipConfigurationId?: string;
  natGatewayId?: string;
}

interface SimulatedPublicIpPrefix {
  id: string;
  ipPrefix: string;
  natGatewayId?: string;
}

export interface SimulatedNetwork {
  /** Those that exist; any other is not found, as in Resource Manager. */
  subscriptions: readonly string[];
  publicIPAddresses: readonly SimulatedPublicIp[];
  publicIPPrefixes: readonly SimulatedPublicIpPrefix[];
  /** Resources on one page of a list. */
  pageSize?: number;
}

/** The product's, whose specification is published, and the one that @azure/arm-network 39 sends. */
export const networkApiVersions = ["2024-05-01", "2026-01-01"];

/**
 * The lists of public IP addresses and prefixes of a subscription, as Microsoft.Network answers them. Not played: single resources,
 * lists of a resource group, writes, the many properties that nobody here reads (DNS settings, DDoS protection, tags, zones).
 */
export function publicIpRoutes(network: SimulatedNetwork): ArmRoute[] {
  const list = (
    operationId: string,
    type: "publicIPAddresses" | "publicIPPrefixes",
    resources: () => { id: string; body: object }[],
  ): ArmRoute => ({
    operationId,
    method: "GET",
    path: `/subscriptions/{subscriptionId}/providers/Microsoft.Network/${type}`,
    answer: (call) => {
      speakVersion(call, type, networkApiVersions);
      return page(call, network, resources());
    },
  });
  return [
    list("PublicIPAddresses_ListAll", "publicIPAddresses", () =>
      network.publicIPAddresses.map((ip) => ({ id: ip.id, body: presentAddress(ip) })),
    ),
    list("PublicIPPrefixes_ListAll", "publicIPPrefixes", () =>
      network.publicIPPrefixes.map((prefix) => ({ id: prefix.id, body: presentPrefix(prefix) })),
    ),
  ];
}

function page(call: ArmCall, network: SimulatedNetwork, all: readonly { id: string; body: object }[]): ArmAnswer {
  const subscription = (call.params.subscriptionId ?? "").toLowerCase();
  if (!network.subscriptions.some((id) => id.toLowerCase() === subscription)) {
    throw new ArmError(404, "SubscriptionNotFound", `The subscription '${subscription}' could not be found.`);
  }
  const here = all.filter(({ id }) => id.toLowerCase().startsWith(`/subscriptions/${subscription}/`));
  const { pageSize = 100 } = network;
  const start = readToken(call.url.searchParams.get("$skipToken"));
  const value = here.slice(start, start + pageSize).map(({ body }) => body);
  if (start + pageSize >= here.length) return { status: 200, body: { value } };
  const next = new URL(call.url);
  next.searchParams.set("$skipToken", Buffer.from(String(start + pageSize)).toString("base64url"));
  return { status: 200, body: { value, nextLink: next.href } };
}

function readToken(token: string | null): number {
  if (token === null) return 0;
  const start = Number(Buffer.from(token, "base64url").toString("utf8"));
  if (Number.isInteger(start) && start > 0) return start;
  throw new ArmError(400, "InvalidSkipToken", "The skip token is not one that a list gave.");
}

function presentAddress({ id, ipAddress, ipConfigurationId, natGatewayId }: SimulatedPublicIp): object {
  return {
    name: nameOf(id),
    id,
    type: "Microsoft.Network/publicIPAddresses",
    location: "westeurope",
    sku: { name: "Standard", tier: "Regional" },
    properties: {
      provisioningState: "Succeeded",
      publicIPAllocationMethod: ipAddress === undefined ? "Dynamic" : "Static",
      publicIPAddressVersion: ipAddress?.includes(":") ? "IPv6" : "IPv4",
      idleTimeoutInMinutes: 4,
      ...(ipAddress === undefined ? {} : { ipAddress }),
      ...(ipConfigurationId === undefined ? {} : { ipConfiguration: { id: ipConfigurationId } }),
      ...(natGatewayId === undefined ? {} : { natGateway: { id: natGatewayId } }),
    },
  };
}

function presentPrefix({ id, ipPrefix, natGatewayId }: SimulatedPublicIpPrefix): object {
  return {
    name: nameOf(id),
    id,
    type: "Microsoft.Network/publicIPPrefixes",
    location: "westeurope",
    sku: { name: "Standard", tier: "Regional" },
    properties: {
      provisioningState: "Succeeded",
      publicIPAddressVersion: ipPrefix.includes(":") ? "IPv6" : "IPv4",
      prefixLength: Number(ipPrefix.split("/")[1]),
      ipPrefix,
      ...(natGatewayId === undefined ? {} : { natGateway: { id: natGatewayId } }),
    },
  };
}

function nameOf(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
