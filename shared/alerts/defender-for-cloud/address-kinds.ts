import type { Claim, Entities } from "../entities.ts";
import type { Role } from "../entity.ts";
import { each, find, type Json, join, text } from "../fields.ts";
import { isPublic, readAddress } from "../ip-address.ts";
import { type Gathering, type Listed, roleOf } from "./listed.ts";

export function readIp({ item, at, role }: Listed, { entities }: Gathering): boolean {
  const { raw, at: foundAt } = addressIn(item, at);
  entities.address(role ?? "implied attacker", raw, foundAt);
  return true;
}

/** Whoever connects to us attacks. Where the source is ours, or an address that nobody outside has, it may be whom it connects to. */
export function readConnection({ item, at }: Listed, to: Gathering): boolean {
  const { entities } = to;
  const source = readEnd(item, "sourceAddress", at, to);
  const destination = readEnd(item, "destinationAddress", at, to);
  const from = readAddress(source?.raw);
  // 0.0.0.0 is nobody's: it stands where portal samples have no address.
  const isInside = from !== undefined && from.class !== "unspecified" && !isPublic(from);
  const isOurs = source?.role === "victim" || isInside || (from !== undefined && entities.isVictims(from.address));
  if (source) entities.address(source.role ?? (isOurs ? "victim" : "attacker"), source.raw, source.at);
  if (!destination) return true;
  const called = readAddress(destination.raw);
  const isOutside = called !== undefined && isPublic(called);
  entities.address(destination.role ?? calledRole(entities, isOurs && isOutside), destination.raw, destination.at);
  return true;
}

/** Whom a machine of ours attacks is not ours. */
function calledRole({ outgoing }: Entities, isTheirs: boolean): Claim {
  if (isTheirs) return "implied attacker";
  return outgoing ? "context" : "victim";
}

export function readDns({ item, at, role }: Listed, to: Gathering): boolean {
  const { entities } = to;
  const field = find(item, "domainName");
  const domain = text(item, "domainName");
  if (domain !== undefined && domain.length <= 253)
    entities.add("domain", role ?? "context", { domain }, `${at}.${field?.key}`);
  const own = new Set<string>();
  // The first spelling is the product's own.
  for (const name of ["ipAdresses", "ipAddresses"]) {
    each(item, name, at, (one, oneAt) => {
      const answer = addressAt(one, oneAt, to);
      if (!answer) return;
      entities.address("bystander", answer.raw, answer.at);
      own.add(answer.at);
    });
  }
  const machine = readEnd(item, "hostIpAddress", at, to);
  // The machine that asked. Portal samples refer to the answer once more in its place, which says nothing.
  if (machine && !own.has(machine.at)) entities.address("victim", machine.raw, machine.at);
  return true;
}

interface Address {
  raw: unknown;
  at: string;
  /** What it says of itself. */
  role: Role | undefined;
}

function readEnd(item: Json, name: string, at: string, to: Gathering): Address | undefined {
  const field = find(item, name);
  return field && addressAt(field.value, join(at, field.key), to);
}

/** An address in its place, in an ip entity in its place, or in the one that a reference leads to. */
function addressAt(one: unknown, at: string, { references }: Gathering): Address | undefined {
  if (typeof one === "string") return { raw: one, at, role: undefined };
  const ip = references.follow(one, at);
  return ip && addressIn(ip.object, ip.at);
}

function addressIn(ip: Json, at: string): Address {
  const field = find(ip, "address");
  return { raw: field?.value, at: `${at}.${field?.key ?? "address"}`, role: roleOf(ip) };
}
