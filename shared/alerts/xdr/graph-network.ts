import type { Claim, Entities } from "../entities.ts";
import type { Role } from "../entity.ts";
import { each, find, isObject, type Json, join, meant } from "../fields.ts";
import { isPublic, readAddress } from "../ip-address.ts";
import { isHarmless, statedRole } from "./evidence-role.ts";
import { addOwnAddress } from "./machine.ts";

/** An `ipEvidence` within other evidence, or the bare address that some exporters make of it. */
interface NestedIp {
  raw: unknown;
  foundAt: string;
  /** What it says of itself. */
  role: Role | undefined;
}

export function nestedIp(evidence: Json, name: string, at: string): NestedIp | undefined {
  const field = find(evidence, name);
  return field && ipOf(field.value, join(at, field.key));
}

export function eachNestedIp(evidence: Json, name: string, at: string, read: (ip: NestedIp) => void): void {
  each(evidence, name, at, (item, itemAt) => {
    const ip = ipOf(item, itemAt);
    if (ip) read(ip);
  });
}

function ipOf(raw: unknown, at: string): NestedIp | undefined {
  if (typeof raw === "string") return { raw, foundAt: at, role: undefined };
  if (!isObject(raw)) return undefined;
  const address = find(raw, "ipAddress");
  const role = statedRole(raw) ?? (isHarmless(raw) ? "context" : undefined);
  return { raw: address?.value, foundAt: join(at, address?.key ?? "ipAddress"), role };
}

/** An ip that is merely there: the attacker's, if no other place names the attacker. */
export function readIpEvidence(evidence: Json, at: string, entities: Entities): void {
  const ip = ipOf(evidence, at);
  if (ip) entities.address(ip.role ?? "implied attacker", ip.raw, ip.foundAt);
}

/** The name that was asked for, by whom (`hostIpAddress`), whom (`dnsServerIp`), and what the answer was. */
export function readDnsEvidence(evidence: Json, at: string, entities: Entities): void {
  const name = find(evidence, "domainName");
  const domain = meant(name?.value)?.toLowerCase();
  entities.add("domain", statedRole(evidence) ?? "context", { domain }, `${at}.${name?.key}`);
  // A name may resolve to an address that half the internet shares: it is nobody's unless something says so.
  const addNobodys = ({ role, raw, foundAt }: NestedIp) => entities.address(role ?? "context", raw, foundAt);
  eachNestedIp(evidence, "ipAddresses", at, addNobodys);
  const server = nestedIp(evidence, "dnsServerIp", at);
  if (server) addNobodys(server);
  const asker = nestedIp(evidence, "hostIpAddress", at);
  if (asker) addOwnAddress(entities, asker.raw, asker.foundAt);
}

/**
 * To be read after everything else, as the addresses of the alert's devices tell the ends apart. Where nothing does, neither end is the
 * attacker's: to block the wrong one would cut off a victim.
 */
export function readNetworkConnection(evidence: Json, at: string, entities: Entities): void {
  const ends = ["sourceAddress", "destinationAddress"].flatMap((name) => {
    const end = nestedIp(evidence, name, at);
    return end ? [{ ...end, side: sideOf(end.raw, entities) }] : [];
  });
  const whole = statedRole(evidence) ?? (isHarmless(evidence) ? "context" : undefined);
  const isTold = ends.some(({ side }) => side === "inside") && ends.some(({ side }) => side === "outside");
  const claimOnOutside: Claim = whole === "attacker" ? "attacker" : "implied attacker";
  for (const { role, raw, foundAt, side } of ends) {
    const isAttackers = isTold && side === "outside" && whole !== "context";
    entities.address(role ?? (isAttackers ? claimOnOutside : "context"), raw, foundAt);
  }
  if (!isTold && whole !== "context" && ends.some(({ role, side }) => role === undefined && side === "outside"))
    entities.notes.push(
      `${at}: nothing tells which end of the connection is the attacker's, so neither is taken for it`,
    );
}

/** Inside is what another place calls ours, and what cannot be reached from outside. */
function sideOf(raw: unknown, entities: Entities): "inside" | "outside" | undefined {
  const read = readAddress(raw);
  if (!read) return undefined;
  return isPublic(read) && !entities.isVictims(read.address) ? "outside" : "inside";
}
