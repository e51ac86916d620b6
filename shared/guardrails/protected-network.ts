import ipaddr from "ipaddr.js";
import type { Guardrail } from "./guardrail.ts";

/** Own egress, proxies and monitors: blocking one of them is the outage that the attacker could not cause. */
export const protectedNetwork: Guardrail = {
  id: "protected-network",
  check({ target: { address } }, { networks }) {
    if (address === undefined) return undefined;
    const parsed = ipaddr.process(address);
    const hit = networks.find((network) => {
      const [base, bits] = ipaddr.isValidCIDR(network)
        ? ipaddr.parseCIDR(network)
        : ([ipaddr.parse(network), ipaddr.parse(network).kind() === "ipv4" ? 32 : 128] as const);
      return parsed.kind() === base.kind() && parsed.match(base, bits);
    });
    return hit
      ? { verdict: "refuse", reason: `${address} is protected by ${hit} in PORTCULLIS_PROTECTED_NETWORKS` }
      : undefined;
  },
};
