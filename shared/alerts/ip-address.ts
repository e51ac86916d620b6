import { isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";
import type { IpEntity } from "./entity.ts";

type Class = IpEntity["class"];

export interface ReadAddress {
  /** Canonical text. */
  address: string;
  class: Class;
}

/** Longer than any address with its port and zone. */
const longest = 128;

/** Cleans `203.0.113.7:443`, `[2001:db8::1]:443`, `fe80::1%eth0` and blanks; undefined when what is left is no address. */
export function readAddress(raw: unknown): ReadAddress | undefined {
  if (typeof raw !== "string" || raw.length > longest) return undefined;
  const value = readIpv4(raw);
  if (value !== undefined) return { address: raw, class: classOfIpv4(value) };
  const bare = withoutTrimmings(raw);
  if (readIpv4(bare) !== undefined) return readAddress(bare);
  if (!bare.includes(":") || !isIPv6(bare)) return undefined;
  const parsed = ipaddr.IPv6.parse(bare);
  // Asked once: it is compared with every special network there is.
  const range = parsed.range();
  if (range === "ipv4Mapped") return readAddress(parsed.toIPv4Address().toString());
  return { address: parsed.toString(), class: classOfIpv6(parsed, range) };
}

/** Whether somebody outside may have it. Documentation's addresses count, as drills use them. */
export function isPublic({ class: kind }: ReadAddress): boolean {
  return kind === "public" || kind === "documentation";
}

function withoutTrimmings(raw: string): string {
  return raw
    .trim()
    .replace(/^\[([0-9a-f:.]+)(?:%[^\]]*)?\](?::\d{1,5})?$/i, "$1")
    .replace(/^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/, "$1")
    .replace(/%[^\s,;]*$/, "");
}

const dot = 46;
const zero = 48;

/**
 * The number that four decimal parts without leading zeros stand for. Other readers also take 0x7f.1 and octal numbers, which nobody
 * means in an alert.
 */
function readIpv4(raw: string): number | undefined {
  if (raw.length < 7 || raw.length > 15) return undefined;
  let value = 0;
  let dots = 0;
  let part = 0;
  let digits = 0;
  for (let at = 0; at < raw.length; at++) {
    const code = raw.charCodeAt(at);
    if (code === dot) {
      if (digits === 0 || ++dots > 3) return undefined;
      value = value * 256 + part;
      part = 0;
      digits = 0;
    } else {
      const digit = code - zero;
      if (digit < 0 || digit > 9 || (digits > 0 && part === 0)) return undefined;
      part = part * 10 + digit;
      digits++;
      if (part > 255) return undefined;
    }
  }
  return dots === 3 && digits > 0 ? value * 256 + part : undefined;
}

/** The networks of https://www.iana.org/assignments/iana-ipv4-special-registry whose addresses are not simply somebody's. */
const specialNetworks = (
  [
    // Answers DNS, DHCP and health probes: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
    ["168.63.129.16/32", "azure-platform"],
    ["0.0.0.0/8", "unspecified"],
    ["10.0.0.0/8", "private"],
    ["100.64.0.0/10", "private"],
    ["127.0.0.0/8", "loopback"],
    ["169.254.0.0/16", "private"],
    ["172.16.0.0/12", "private"],
    ["192.168.0.0/16", "private"],
    // RFC 5737: nobody's addresses, so drills and tests may block them.
    ["192.0.2.0/24", "documentation"],
    ["198.51.100.0/24", "documentation"],
    ["203.0.113.0/24", "documentation"],
    ["192.0.0.0/24", "reserved"],
    ["192.31.196.0/24", "reserved"],
    ["192.52.193.0/24", "reserved"],
    ["192.88.99.0/24", "reserved"],
    ["192.175.48.0/24", "reserved"],
    ["198.18.0.0/15", "reserved"],
    // Multicast, what follows it, and broadcast.
    ["224.0.0.0/3", "reserved"],
  ] satisfies [string, Class][]
).map(([cidr, kind]) => {
  const [network = "", bits] = cidr.split("/");
  const first = readIpv4(network) ?? 0;
  return { first, last: first + 2 ** (32 - Number(bits)) - 1, kind };
});

/**
 * An IPv4 block in CIDR notation, as network and prefix length. Its class is that of what is special within it, were it a single address:
 * whoever acts on a block acts on all of it.
 */
export function readBlock(text: string): ReadAddress | undefined {
  const [network = "", prefix = "", ...more] = text.split("/");
  const value = readIpv4(network);
  if (value === undefined || more.length > 0 || !/^(3[0-2]|[12]?\d)$/.test(prefix)) return undefined;
  const size = 2 ** (32 - Number(prefix));
  const first = Math.floor(value / size) * size;
  const last = first + size - 1;
  const octets = [24, 16, 8, 0].map((bits) => Math.floor(first / 2 ** bits) % 256);
  const address = `${octets.join(".")}/${prefix}`;
  const within = specialNetworks.filter((one) => one.first <= last && one.last >= first).map(({ kind }) => kind);
  return { address, class: within.find((kind) => kind !== "documentation") ?? within[0] ?? "public" };
}

function classOfIpv4(value: number): Class {
  for (const { first, last, kind } of specialNetworks) if (value >= first && value <= last) return kind;
  return "public";
}

/** RFC 3849. */
const documentation = ipaddr.IPv6.parseCIDR("2001:db8::/32");

function classOfIpv6(parsed: ipaddr.IPv6, range: string): Class {
  switch (range) {
    case "unicast":
      return "public";
    case "uniqueLocal":
    case "linkLocal":
      return "private";
    case "loopback":
      return "loopback";
    case "unspecified":
      return "unspecified";
    default:
      // Documentation's addresses are among the reserved ones.
      return parsed.match(documentation) ? "documentation" : "reserved";
  }
}
