import ipaddr from "ipaddr.js";
import type { Guardrail } from "./guardrail.ts";

/** Own egress, proxies and monitors: blocking one of them is the outage that the attacker could not cause. */
export const protectedNetwork: Guardrail = {
  id: "protected-network",
  check({ target: { address } }, { networks }) {
    if (address === undefined) return undefined;
    const parsed = ipaddr.process(address);
    const hit = networks.find((network) => {
      const [base, bits] = readNetwork(network);
      return parsed.kind() === base.kind() && parsed.match(base, bits);
    });
    return hit
      ? { verdict: "refuse", reason: `${address} is protected by ${hit} in PORTCULLIS_PROTECTED_NETWORKS` }
      : undefined;
  },
};

/** Throws for what is no network: then the step is refused. */
function readNetwork(network: string): readonly [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const single = !network.includes("/");
  const [base, bits] = single ? ([ipaddr.process(network), undefined] as const) : ipaddr.parseCIDR(network);
  if (bits === undefined) return [base, base.kind() === "ipv4" ? 32 : 128];
  // An IPv4 network in IPv6 notation holds IPv4 callers, whose addresses are written in IPv4.
  const mapped = base instanceof ipaddr.IPv6 && base.isIPv4MappedAddress() && bits >= 96;
  return mapped ? [base.toIPv4Address(), bits - 96] : [base, bits];
}
