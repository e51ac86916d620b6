import ipaddr from "ipaddr.js";
import type { IpEntity } from "./entity.ts";

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
  const bare = /^[\d.]+$/.test(raw) ? raw : withoutTrimmings(raw);
  // Only the four-part decimal form: ipaddr.js also reads 0x7f.1 and octal, which nobody means in an alert.
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(bare)?.slice(1);
  if (!parts) return ipaddr.IPv6.isValid(bare) ? described(ipaddr.process(bare)) : undefined;
  if (parts.some((part) => Number(part) > 255 || (part.length > 1 && part.startsWith("0")))) return undefined;
  return described(new ipaddr.IPv4(parts.map(Number)));
}

function withoutTrimmings(raw: string): string {
  return raw
    .trim()
    .replace(/^\[([0-9a-f:.]+)(?:%[^\]]*)?\](?::\d{1,5})?$/i, "$1")
    .replace(/^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/, "$1")
    .replace(/%[^\s,;]*$/, "");
}

function described(parsed: ipaddr.IPv4 | ipaddr.IPv6): ReadAddress {
  const address = parsed.toString();
  return { address, class: address === azurePlatform ? "azure-platform" : classify(parsed) };
}

function classify(address: ipaddr.IPv4 | ipaddr.IPv6): IpEntity["class"] {
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
      // Documentation's addresses are among the reserved ones.
      return documentation.some(([network, bits]) => address.kind() === network.kind() && address.match(network, bits))
        ? "documentation"
        : "reserved";
  }
}
