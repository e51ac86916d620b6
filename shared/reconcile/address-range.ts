import ipaddr from "ipaddr.js";

/** IPv4, first and last address; the same twice for one address. */
export interface AddressRange {
  from: string;
  to: string;
}

/** Of a CIDR block from network to broadcast, of an address the same twice; undefined for what is neither, and for IPv6. */
export function rangeOf(text: string): (AddressRange & { bits: number }) | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return { from: text, to: text, bits: 32 };
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) return undefined;
  const [, bits] = ipaddr.IPv4.parseCIDR(text);
  return {
    from: ipaddr.IPv4.networkAddressFromCIDR(text).toString(),
    to: ipaddr.IPv4.broadcastAddressFromCIDR(text).toString(),
    bits,
  };
}

export function addressNumber(address: string): number {
  return octetsOf(address).reduce((number, octet) => number * 256 + octet, 0);
}

/** A range as text can be compared with it: its addresses begin alike, one octet lies between two, and what follows is anything. */
export interface OctetRange {
  /** `203.0.` */
  prefix: string;
  /** Which octet differs, from 0. */
  index: number;
  first: number;
  last: number;
}

/** Undefined where a range has no such form, or begins with nothing in common. Every CIDR block from /8 on has one. */
export function octetRangeOf({ from, to }: AddressRange): OctetRange | undefined {
  const [low, high] = [octetsOf(from), octetsOf(to)];
  const index = low.findIndex((octet, at) => octet !== high[at]);
  const [first, last] = [low[index], high[index]];
  if (index < 1 || first === undefined || last === undefined) return undefined;
  const whole =
    low.slice(index + 1).every((octet) => octet === 0) && high.slice(index + 1).every((octet) => octet === 255);
  return whole ? { prefix: `${low.slice(0, index).join(".")}.`, index, first, last } : undefined;
}

export function fromOctetRange({ prefix, first, last }: Omit<OctetRange, "index">): AddressRange {
  const fill = (octet: number, rest: string) => {
    const octets = [...prefix.split(".").slice(0, -1), `${octet}`];
    return [...octets, ...Array.from({ length: Math.max(0, 4 - octets.length) }, () => rest)].join(".");
  };
  return { from: fill(first, "0"), to: fill(last, "255") };
}

function octetsOf(address: string): number[] {
  return ipaddr.IPv4.parse(address).octets;
}
