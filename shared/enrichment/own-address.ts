import ipaddr from "ipaddr.js";
import type { Alert } from "../alerts/alert.ts";
import type { IpEntity } from "../alerts/entity.ts";
import type { OwnAddress, OwnAddresses } from "../azure/own-addresses.ts";
import type { OwnAddressFact } from "../playbooks/facts.ts";
import { ask, askAbout, type Budget, type Cache, createCache, keep, type LookUp, Miss, reasonOf } from "./look-up.ts";

/** As many as an alert may name: the list is read once, whatever is looked for in it. */
const limit = 100;

/**
 * Looks up whether an attacker address is one of our own: behind a proxy that hides its callers, "the attacker" is the proxy, and
 * blocking it is the outage that the attacker could not cause.
 */
export function createOwnAddressLookUp(client: OwnAddresses, subscriptions: readonly string[], budget: Budget) {
  const cache: Cache<OwnAddress[]> = createCache(budget.clock);
  const listOf = (id: string) => keep(cache, id.toLowerCase(), () => client.inSubscription(id));

  return (alert: Alert): Promise<LookUp<OwnAddressFact>> => {
    const addresses = alert.entities.filter((entity): entity is IpEntity => entity.kind === "ip");
    const attackers = addresses.filter(({ role }) => role === "attacker");
    return askAbout(attackers, { limit, noun: "attacker address" }, ({ address }) =>
      ask(address, budget, () => findOwner(address, subscriptions, listOf)),
    );
  };
}

/** Found in one subscription it is ours, whatever the others answer; not found, it is not ours only if all of them answered. */
async function findOwner(
  address: string,
  subscriptions: readonly string[],
  listOf: (subscriptionId: string) => Promise<OwnAddress[]>,
): Promise<OwnAddressFact> {
  const lists = await Promise.allSettled(subscriptions.map(listOf));
  const ours = lists.flatMap((list) => (list.status === "fulfilled" ? list.value : []));
  const holding = ours.filter(({ network }) => holds(network, address));
  // The address itself says whose it is; the block that it was taken from only says that it is ours.
  const owner = holding.find(({ network }) => !network.includes("/")) ?? holding[0];
  if (owner) return { own: true, owner: describeOwner(owner), resourceId: owner.resourceId };
  const unread = lists.flatMap((list) => (list.status === "rejected" ? [reasonOf(list.reason)] : []));
  if (unread.length > 0) throw new Miss([...new Set(unread)].join("; "));
  return { own: false };
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

/** What the types of Microsoft.Network that can have a public address are called. */
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
  const own = resourceId.slice(resourceId.lastIndexOf("/") + 1);
  return network.includes("/") ? `the public IP prefix ${own} (${network})` : `the public IP address ${own}`;
}
