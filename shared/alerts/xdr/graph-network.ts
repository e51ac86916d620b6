import type { Role } from "../entity.ts";
import { find, isObject, type Json, list, meant } from "../fields.ts";
import { type ReadAddress, readAddress } from "../ip-address.ts";
import { addOwnAddress, type Findings } from "./findings.ts";
import { isHarmless, statedRole } from "./graph-roles.ts";

/** An `ipEvidence` within other evidence, or the bare address that some exporters make of it. */
export interface NestedIp {
  raw: unknown;
  foundAt: string;
  /** What it says of itself. */
  role: Role | undefined;
}

export function nestedIp(evidence: Json, name: string, at: string): NestedIp | undefined {
  const field = find(evidence, name);
  return field && ipOf(field.value, `${at}.${field.key}`);
}

export function nestedIps(evidence: Json, name: string, at: string): NestedIp[] {
  const { key, items } = list(evidence, name);
  return items.flatMap((item, index) => ipOf(item, `${at}.${key}[${index}]`) ?? []);
}

function ipOf(raw: unknown, at: string): NestedIp | undefined {
  if (typeof raw === "string") return { raw, foundAt: at, role: undefined };
  if (!isObject(raw)) return undefined;
  const address = find(raw, "ipAddress");
  const role = statedRole(raw) ?? (isHarmless(raw) ? "context" : undefined);
  return { raw: address?.value, foundAt: `${at}.${address?.key ?? "ipAddress"}`, role };
}

/** An ip that is merely there: the attacker's, if no other place names the attacker. */
export function readIpEvidence(evidence: Json, at: string, { entities }: Findings): void {
  const address = find(evidence, "ipAddress");
  const role = statedRole(evidence) ?? (isHarmless(evidence) ? "context" : undefined);
  const foundAt = `${at}.${address?.key ?? "ipAddress"}`;
  entities.address(role ?? "attacker", address?.value, foundAt, { implied: role === undefined });
}

/** The name that was asked for, by whom (`hostIpAddress`), whom (`dnsServerIp`), and what the answer was. */
export function readDnsEvidence(evidence: Json, at: string, findings: Findings): void {
  const { entities } = findings;
  const name = find(evidence, "domainName");
  const domain = meant(name?.value)?.toLowerCase();
  entities.add("domain", statedRole(evidence) ?? "context", { domain }, `${at}.${name?.key}`);
  // A name may resolve to an address that half the internet shares: it is nobody's unless something says so.
  for (const ip of [...nestedIps(evidence, "ipAddresses", at), nestedIp(evidence, "dnsServerIp", at)])
    if (ip) entities.address(ip.role ?? "context", ip.raw, ip.foundAt);
  const asker = nestedIp(evidence, "hostIpAddress", at);
  if (asker) addOwnAddress(findings, asker.raw, asker.foundAt);
}

/**
 * Read after everything else, as the addresses of the alert's devices tell the ends apart. Where nothing does, neither end is the
 * attacker's: to block the wrong one would cut off a victim.
 */
export function readNetworkConnections(connections: readonly [Json, string][], findings: Findings): void {
  if (connections.length === 0) return;
  const own = new Set(findings.ownAddresses.map((raw) => readAddress(raw)?.address));
  // Of one of our devices, or not to be reached from outside.
  const isInside = ({ address, class: kind }: ReadAddress) =>
    own.has(address) || (kind !== "public" && kind !== "documentation");
  for (const [evidence, at] of connections) readNetworkConnection(evidence, at, findings, isInside);
}

function readNetworkConnection(
  evidence: Json,
  at: string,
  { entities, notes }: Findings,
  isInside: (read: ReadAddress) => boolean,
): void {
  const ends = [nestedIp(evidence, "sourceAddress", at), nestedIp(evidence, "destinationAddress", at)].filter(
    (end) => end !== undefined,
  );
  const whole = statedRole(evidence) ?? (isHarmless(evidence) ? "context" : undefined);
  const outside = ends.filter(({ raw }) => {
    const read = readEnd(raw);
    return read && !isInside(read);
  });
  const inside = ends.filter((end) => readEnd(end.raw) && !outside.includes(end));
  const isTold = inside.length === 1 && outside.length === 1;
  for (const end of ends) {
    if (end.role) entities.address(end.role, end.raw, end.foundAt);
    else if (isTold && outside.includes(end) && whole !== "context")
      entities.address("attacker", end.raw, end.foundAt, { implied: whole !== "attacker" });
    else entities.address("context", end.raw, end.foundAt);
  }
  if (!isTold && whole !== "context" && outside.some(({ role }) => role === undefined))
    notes.push(`${at}: nothing tells which end of the connection is the attacker's, so neither is taken for it`);
}

function readEnd(raw: unknown): ReadAddress | undefined {
  return typeof raw === "string" && raw.length <= 128 ? readAddress(raw) : undefined;
}
