import ipaddr from "ipaddr.js";
import type { IpEntity } from "./alert.ts";

/** Answers DNS, DHCP and health probes inside every virtual network: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16 */
const azurePlatform = "168.63.129.16";

/** RFC 5737 and RFC 3849: nobody's addresses, so drills and tests may block them. */
const documentation = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"].map((cidr) =>
  ipaddr.parseCIDR(cidr),
);

export interface ReadAddress {
  address: string;
  class: IpEntity["class"];
}

/** Cleans `203.0.113.7:443`, `[2001:db8::1]:443`, `fe80::1%eth0` and blanks; undefined when what is left is no address. */
export function readAddress(raw: string): ReadAddress | undefined {
  const bare = raw
    .trim()
    .replace(/^\[([0-9a-f:.]+)(?:%[^\]]*)?\](?::\d{1,5})?$/i, "$1")
    .replace(/^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/, "$1")
    .replace(/%.*$/, "");
  // Only the four-part decimal form: ipaddr.js also reads 0x7f.1 and octal, which nobody means in an alert.
  const isIpv4 = /^\d{1,3}(\.\d{1,3}){3}$/.test(bare);
  if (isIpv4 ? !ipaddr.IPv4.isValidFourPartDecimal(bare) : !ipaddr.IPv6.isValid(bare)) return undefined;
  if (isIpv4 && bare.split(".").some((part) => part.length > 1 && part.startsWith("0"))) return undefined;
  const parsed = ipaddr.process(bare);
  return { address: parsed.toString(), class: classify(parsed) };
}

function classify(address: ipaddr.IPv4 | ipaddr.IPv6): IpEntity["class"] {
  if (address.toString() === azurePlatform) return "azure-platform";
  if (documentation.some(([network, bits]) => address.kind() === network.kind() && address.match(network, bits)))
    return "documentation";
  switch (address.range()) {
    case "unicast":
      return "public";
    case "private":
    case "uniqueLocal":
    case "carrierGradeNat":
    case "linkLocal":
      return "private";
    case "loopback":
      return "loopback";
    case "unspecified":
      return "unspecified";
    default:
      return "reserved";
  }
}
