import ipaddr from "ipaddr.js";
import type { Alert } from "../alerts/alert.ts";
import type { IpEntity } from "../alerts/entity.ts";
import { parseArmId } from "../arm-id.ts";
import type { OwnAddress, OwnAddresses } from "../azure/own-addresses.ts";
import type { OwnAddressFact } from "../playbooks/facts.ts";
import { type Asked, ask, type Budget, createCache, keep, type LookUp, notAsked } from "./look-up.ts";

/** Where our own addresses are looked for. */
interface Places {
  /** ARM ids of API Management services: their own addresses, and those of their subscriptions. */
  services: readonly string[];
  /** More subscriptions. */
  subscriptions: readonly string[];
}

/**
 * Looks up whether an attacker address is one of our own: behind a proxy that hides its callers, "the attacker" is the proxy, and
 * blocking it is the outage that the attacker could not cause. The lists are read once, however many addresses are looked for in them.
 */
export function createOwnAddressLookUp(client: OwnAddresses, { services, subscriptions }: Places, budget: Budget) {
  const cache = createCache<OwnAddress[]>(budget.clock);
  const all = [...services.flatMap((id) => parseArmId(id)?.subscriptionId ?? []), ...subscriptions];
  const asked = [...new Set(all.map((id) => id.toLowerCase()))];
  const lists = [
    ...asked.map((id) => ({ key: id, read: () => client.inSubscription(id) })),
    ...services.map((id) => ({ key: id.toLowerCase(), read: () => client.ofApiManagement(id) })),
  ];
  const notAmong = describePlaces(asked, services);

  return async (alert: Alert): Promise<LookUp<OwnAddressFact>> => {
    const addresses = alert.entities.filter((entity): entity is IpEntity => entity.kind === "ip");
    const attackers = addresses.filter(({ role }) => role === "attacker");
    if (attackers.length === 0) return notAsked("the alert names no attacker address");
    if (lists.length === 0)
      return notAsked(
        "neither PORTCULLIS_API_MANAGEMENT nor PORTCULLIS_NETWORK_SUBSCRIPTIONS names a subscription of ours",
      );
    const begun = budget.clock.now().getTime();
    // Each within the budget: one that is silent must not hide what the others have answered.
    const answers = await Promise.all(lists.map(({ key, read }) => ask(key, budget, () => keep(cache, key, read))));
    const tookMs = budget.clock.now().getTime() - begun;
    return {
      asked: attackers.map(({ address }) => ({ about: address, tookMs, ...judge(address, answers, notAmong) })),
    };
  };
}

/** Found in one list it is ours, whatever the others answer; not found, that is said only if all of them answered. */
function judge(
  address: string,
  answers: readonly Asked<OwnAddress[]>[],
  notAmong: string,
): { found: OwnAddressFact } | { miss: string } {
  const ours = answers.flatMap((answer) => ("found" in answer ? answer.found : []));
  const holding = ours.filter(({ network }) => holds(network, address));
  // The address itself says whose it is; the block that it was taken from only says that it is ours.
  const exact = holding.filter(({ network }) => !network.includes("/"));
  const owner = exact.find((one) => !isMachines(one)) ?? exact[0] ?? holding[0];
  if (owner) {
    const { resourceId } = owner;
    return { found: { own: true, owner: describeOwner(owner), machine: isMachines(owner), resourceId } };
  }
  const unread = answers.flatMap((answer) => ("miss" in answer ? [answer.miss] : []));
  return unread.length > 0 ? { miss: [...new Set(unread)].join("; ") } : { found: { own: false, notAmong } };
}

/** What Azure gives and cannot be read holds nothing: one odd entry must not hide the others. */
function holds(network: string, address: string): boolean {
  const wanted = ipaddr.process(address);
  if (ipaddr.isValidCIDR(network)) {
    const [base, bits] = ipaddr.parseCIDR(network);
    return base.kind() === wanted.kind() && wanted.match(base, bits);
  }
  return ipaddr.isValid(network) && ipaddr.process(network).toString() === wanted.toString();
}

/** Also that of an instance of a scale set, whose interfaces lie below it. */
function isMachines({ boundTo = "" }: OwnAddress): boolean {
  return /\/networkInterfaces\//i.test(boundTo);
}

/** What the types that can have a public address are called. */
const names = new Map([
  ["applicationgateways", "the application gateway"],
  ["loadbalancers", "the load balancer"],
  ["azurefirewalls", "the firewall"],
  ["natgateways", "the NAT gateway"],
  ["bastionhosts", "the bastion"],
  ["virtualnetworkgateways", "the virtual network gateway"],
  ["networkinterfaces", "the network interface"],
  ["virtualmachinescalesets", "the scale set"],
]);

function describeOwner({ boundTo, resourceId, network }: OwnAddress): string {
  const [, type = "", name = ""] = /\/providers\/[^/]+\/([^/]+)\/([^/]+)/i.exec(boundTo ?? "") ?? [];
  if (name !== "") return `${names.get(type.toLowerCase()) ?? type} ${name}`;
  const own = nameOf(resourceId);
  if (/\/Microsoft\.ApiManagement\/service\//i.test(resourceId)) return `the API Management service ${own}`;
  return network.includes("/") ? `the public IP prefix ${own} (${network})` : `the public IP address ${own}`;
}

function describePlaces(subscriptions: readonly string[], services: readonly string[]): string {
  const places = [
    ["subscription", subscriptions] as const,
    ["API Management service", services.map(nameOf)] as const,
  ].flatMap(([what, all]) => (all.length > 0 ? [`the ${what}${all.length > 1 ? "s" : ""} ${all.join(", ")}`] : []));
  return `the public IP addresses of ${places.join(" and of ")}`;
}

function nameOf(resourceId: string): string {
  return resourceId.slice(resourceId.lastIndexOf("/") + 1);
}
