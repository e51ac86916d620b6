import type { Role } from "../entity.ts";
import { find, isTrue, type Json, list, text } from "../fields.ts";
import { readAddress } from "../ip-address.ts";
import type { Gathering, Listed } from "./listed.ts";

export function readIp({ item, at, asset }: Listed, { entities, answers }: Gathering): boolean {
  const field = find(item, "address");
  if (answers.size > 0 && !asset) {
    const address = canonical(field?.value);
    if (address !== undefined && answers.has(address)) return true;
  }
  entities.address(asset ? "victim" : "attacker", field?.value, `${at}.${field?.key ?? "address"}`, {
    implied: !asset,
  });
  return true;
}

export function readConnection({ item, at }: Listed, to: Gathering): boolean {
  readEnd(item, at, "sourceAddress", "attacker", to);
  readEnd(item, at, "destinationAddress", "victim", to);
  return true;
}

function readEnd(item: Json, at: string, name: string, role: Role, to: Gathering): void {
  const field = find(item, name);
  if (field === undefined || field.value === null) return;
  const end = addressAt(field.value, `${at}.${field.key}`, to);
  if (end) to.entities.address(end.asset ? "victim" : role, end.raw, end.at);
}

/** The addresses that a name was resolved to are context, wherever else they are merely there. */
export function readDns({ item, at, asset }: Listed, to: Gathering): boolean {
  const { entities, answers } = to;
  const field = find(item, "domainName");
  const domain = text(item, "domainName");
  if (domain !== undefined && domain.length <= 253)
    entities.add("domain", asset ? "victim" : "context", { domain }, `${at}.${field?.key}`);
  const own = new Set<unknown>();
  // The first spelling is the product's own.
  for (const name of ["ipAdresses", "ipAddresses"]) {
    const { key, items } = list(item, name);
    for (const [index, one] of items.entries()) {
      const answer = addressAt(one, `${at}.${key}[${index}]`, to);
      if (!answer) continue;
      entities.address("context", answer.raw, answer.at);
      const address = canonical(answer.raw);
      if (address !== undefined) answers.add(address);
      own.add(answer.at);
    }
  }
  const asking = find(item, "hostIpAddress");
  const machine = asking && addressAt(asking.value, `${at}.${asking.key}`, to);
  // The machine that asked. Portal samples refer to the answer once more in its place, which says nothing.
  if (machine && !own.has(machine.at)) entities.address("victim", machine.raw, machine.at);
  return true;
}

/** An address in its place, in an ip entity in its place, or in the one that a reference leads to. */
function addressAt(one: unknown, at: string, { references }: Gathering) {
  if (typeof one === "string") return { raw: one, at, asset: false };
  const ip = references.follow(one, at);
  if (!ip) return undefined;
  const field = find(ip.object, "address");
  return { raw: field?.value, at: `${ip.at}.${field?.key ?? "address"}`, asset: isTrue(ip.object, "asset") };
}

function canonical(raw: unknown): string | undefined {
  return typeof raw === "string" && raw.length <= 128 ? readAddress(raw)?.address : undefined;
}
