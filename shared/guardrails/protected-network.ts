import ipaddr from "ipaddr.js";
import { addressOf } from "../ledger/target.ts";
import type { StandingGuardrail } from "./guardrail.ts";

/** Own egress, proxies and monitors: blocking one of them is the outage that the attacker could not cause. */
export const protectedNetwork: StandingGuardrail = {
  id: "protected-network",
  check({ target: about }, { networks }) {
    const address = addressOf(about);
    if (address === undefined) return undefined;
    const target = readNetwork(address);
    const hit = networks.find((network) => overlap(target, readNetwork(network)));
    return hit
      ? { verdict: "refuse", reason: `${address} is protected by ${hit} in PORTCULLIS_PROTECTED_NETWORKS` }
      : undefined;
  },
};

/** A block and a network that share an address: the wider of the two holds the other's first. */
function overlap([a, aBits]: Network, [b, bBits]: Network): boolean {
  return a.kind() === b.kind() && (aBits < bBits ? b.match(a, aBits) : a.match(b, bBits));
}

type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Throws for what is no network: then the step is refused. */
function readNetwork(network: string): Network {
  const single = !network.includes("/");
  const [base, bits] = single ? ([ipaddr.process(network), undefined] as const) : ipaddr.parseCIDR(network);
  if (bits === undefined) return [base, base.kind() === "ipv4" ? 32 : 128];
  // An IPv4 network in IPv6 notation holds IPv4 callers, whose addresses are written in IPv4.
  const mapped = base instanceof ipaddr.IPv6 && base.isIPv4MappedAddress() && bits >= 96;
  return mapped ? [base.toIPv4Address(), bits - 96] : [base, bits];
}
