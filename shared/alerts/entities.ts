import type { Entity, IpEntity, Role } from "./entity.ts";
import { type ReadAddress, readAddress } from "./ip-address.ts";

/** Every detail of a kind of entity, any of which the payload may not have. */
type Detail<Kind extends Entity["kind"]> = {
  [Name in keyof Omit<Extract<Entity, { kind: Kind }>, "kind" | "role" | "foundAt">]?:
    | Extract<Entity, { kind: Kind }>[Name]
    | undefined;
};
type OtherKind = Exclude<Entity["kind"], "ip">;

/** Gathers the entities of one alert: each once, with one role, few enough to carry, and a note for whatever is left out. */
export interface Entities {
  /**
   * An address in any spelling. `implied`: nothing says that it is the attacker's but that it is there; where another place names the
   * attacker it is context. An address that any place calls the victim's is never an attacker's.
   */
  address(role: Role, raw: unknown, foundAt: string, how?: { implied?: boolean }): void;
  /** The same for what may as well be something else: false, without a note, when it is no address. */
  tryAddress(role: Role, raw: unknown, foundAt: string): boolean;
  /** Details that are absent, or too long to be what they say, are left out; without what makes such an entity there is none. */
  add<Kind extends OtherKind>(kind: Kind, role: Role, detail: Detail<Kind>, foundAt: string): void;
  /** Counts what is known and of no use to any containment. */
  leaveOut(kind: string): void;
  all(): Entity[];
}

const addressLimit = 100;
const otherLimit = 20;
const textLimit = 1024;
/** Without these an entity of the kind is nothing that could be acted on. */
const needed: Readonly<Partial<Record<OtherKind, readonly string[]>>> = {
  "api-endpoint": ["method", "host", "path"],
  "azure-resource": ["resourceId"],
  principal: ["objectId"],
  application: ["appId"],
  "cloud-app": ["cloudAppId"],
  url: ["url"],
  domain: ["domain"],
  mailbox: ["address"],
  blob: ["uri"],
};
const rank: Readonly<Record<Role, number>> = { victim: 2, attacker: 1, context: 0 };

interface Standing extends ReadAddress {
  role: Role;
  foundAt: string;
  implied: boolean;
}

export function createEntities(notes: string[]): Entities {
  const addresses = new Map<string, Standing>();
  const others = new Map<string, Entity>();
  let leftOut: Map<string, number> | undefined;

  function tell(role: Role, raw: unknown, foundAt: string, implied: boolean): boolean {
    const read = typeof raw === "string" && raw.length <= 128 ? readAddress(raw) : undefined;
    if (!read) return false;
    const known = addresses.get(read.address);
    const firmer = known?.implied === true && !implied && role === known.role;
    // The place that decided the role is the place to show.
    if (!known || rank[known.role] < rank[role] || firmer)
      addresses.set(read.address, { role, foundAt, address: read.address, class: read.class, implied });
    return true;
  }

  return {
    address(role, raw, foundAt, { implied = false } = {}) {
      if (tell(role, raw, foundAt, implied)) return;
      const absent = raw === undefined || raw === null || raw === "";
      notes.push(`${foundAt}: ${absent ? "no address" : "not an IP address"}, ignored`);
    },
    tryAddress(role, raw, foundAt) {
      return tell(role, raw, foundAt, false);
    },
    add(kind, role, detail, foundAt) {
      const entity: Record<string, unknown> = { kind, role, foundAt };
      let identity: string = kind;
      let empty = true;
      for (const name of Object.keys(detail)) {
        const value: unknown = detail[name as keyof typeof detail];
        if (value === undefined) continue;
        // A cut id or URL would be another one.
        if (typeof value === "string" && value.length > textLimit) {
          notes.push(`${foundAt}: ${name} of ${value.length} characters was left out`);
          continue;
        }
        const kept = typeof value === "string" ? value.toWellFormed() : value;
        entity[name] = kept;
        // With its length, as no text may pass for several details.
        identity += `\n${name} ${String(kept).length} ${kept}`;
        empty = false;
      }
      if (empty || needed[kind]?.some((name) => entity[name] === undefined)) return;
      identity = identity.toLowerCase();
      const known = others.get(identity);
      if (!known || rank[role] > rank[known.role]) others.set(identity, entity as Entity);
    },
    leaveOut(kind) {
      const name = kind.slice(0, 40).replaceAll(/[^\w.-]/g, "?") || "without a type";
      leftOut ??= new Map();
      if (leftOut.has(name) || leftOut.size < 20) leftOut.set(name, (leftOut.get(name) ?? 0) + 1);
    },
    all() {
      const kept = fewOfEachKind(others, notes);
      // Attackers first: a hundred bystanders must not push them out.
      const ips = rolesSettled(addresses);
      if (ips.length > addressLimit)
        notes.unshift(`only the first ${addressLimit} of ${ips.length} addresses were kept`);
      if (leftOut) {
        const counted = [...leftOut].map(([kind, count]) => `${kind} ${count}`).join(", ");
        notes.push(`of no use to a containment, left out: ${counted}`);
      }
      return [...kept, ...ips.slice(0, addressLimit)];
    },
  };
}

/** Attackers, victims, context. Where a place names the attacker, what is merely there is context. */
function rolesSettled(addresses: ReadonlyMap<string, Standing>): IpEntity[] {
  let named = false;
  for (const { role, implied } of addresses.values()) if (role === "attacker" && !implied) named = true;
  const sorted: Record<Role, IpEntity[]> = { attacker: [], victim: [], context: [] };
  for (const { role: held, foundAt, address, class: kind, implied } of addresses.values()) {
    const role = implied && named && held === "attacker" ? "context" : held;
    sorted[role].push({ kind: "ip", role, foundAt, address, class: kind });
  }
  return [...sorted.attacker, ...sorted.victim, ...sorted.context];
}

function fewOfEachKind(others: ReadonlyMap<string, Entity>, notes: string[]): Entity[] {
  if (others.size <= otherLimit) return [...others.values()];
  const kinds = new Map<string, Entity[]>();
  for (const entity of others.values()) {
    const members = kinds.get(entity.kind);
    if (members) members.push(entity);
    else kinds.set(entity.kind, [entity]);
  }
  return [...kinds].flatMap(([kind, members]) => {
    if (members.length <= otherLimit) return members;
    notes.unshift(`only the first ${otherLimit} of ${members.length} ${kind} entities were kept`);
    return ["attacker", "victim", "context"]
      .flatMap((role) => members.filter((member) => member.role === role))
      .slice(0, otherLimit);
  });
}
