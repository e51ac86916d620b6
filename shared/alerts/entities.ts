import type { Entity, IpEntity, Role } from "./entity.ts";
import { type ReadAddress, readAddress } from "./ip-address.ts";
import { mergeContained } from "./merge-contained.ts";

/** Every detail of a kind of entity, any of which the payload may not have. */
type Detail<Kind extends Entity["kind"]> = {
  [Name in keyof Omit<Extract<Entity, { kind: Kind }>, "kind" | "role" | "foundAt">]?:
    | Extract<Entity, { kind: Kind }>[Name]
    | undefined;
};
type OtherKind = Exclude<Entity["kind"], "ip">;

/**
 * What a place makes of an address. An implied attacker is merely there: the attacker if no place names one, otherwise context. A bystander
 * is context wherever else it is merely there. An address that any place calls the victim's is never an attacker's.
 */
export type Claim = Role | "implied attacker" | "bystander";

/** Gathers what one alert names: every entity once, with one role, few enough to carry, and a note for whatever is left out. */
export interface Entities {
  /** What was cut short, left out or doubted while reading, and why. */
  readonly notes: string[];
  /** Names that the product gave to what it found. */
  readonly threats: string[];
  /** The attack goes out from a machine of ours: whatever address is called the attacker's is that machine's, and none is an attacker's. */
  outgoing: boolean;
  /**
   * What the attacker's machine calls itself. A client may call itself whatever it likes, also by the name of a machine of ours: a host
   * that nothing but this name tells of is context.
   */
  attackersName(hostName: string): void;
  /** An address in any spelling. */
  address(claim: Claim, raw: unknown, foundAt: string): void;
  /** The same for what may as well be something else: false, without a note, when it is no address. */
  tryAddress(claim: Claim, raw: unknown, foundAt: string): boolean;
  /** Whether a place read so far calls an address, in canonical text, the victim's. */
  isVictims(address: string): boolean;
  /** Details that are absent, or too long to be what they say, are left out; without what makes such an entity there is none. */
  add<Kind extends OtherKind>(kind: Kind, role: Role, detail: Detail<Kind>, foundAt: string): void;
  /** The resource that was attacked, should nothing else name one. */
  impliedResource(resourceId: string | undefined, foundAt: string): void;
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
const rank: Readonly<Record<Claim, number>> = {
  victim: 4,
  attacker: 3,
  bystander: 2,
  "implied attacker": 1,
  context: 0,
};

interface Standing extends ReadAddress {
  claim: Claim;
  foundAt: string;
}

export function createEntities(): Entities {
  const notes: string[] = [];
  const addresses = new Map<string, Standing>();
  const others = new Map<string, Entity>();
  const leftOut = new Map<string, number>();
  const attackersNames = new Set<string>();
  let implied: Entity | undefined;

  function tryAddress(claim: Claim, raw: unknown, foundAt: string): boolean {
    const read = readAddress(raw);
    if (!read) return false;
    const known = addresses.get(read.address);
    // The place that decided the role is the place to show.
    if (!known || rank[known.claim] < rank[claim])
      addresses.set(read.address, { address: read.address, class: read.class, claim, foundAt });
    return true;
  }

  const gathered: Entities = {
    notes,
    threats: [],
    outgoing: false,
    attackersName(hostName) {
      if (hostName.length <= 256) attackersNames.add(shortName(hostName));
    },
    tryAddress,
    address(claim, raw, foundAt) {
      if (tryAddress(claim, raw, foundAt)) return;
      const absent = raw === undefined || raw === null || raw === "";
      notes.push(`${foundAt}: ${absent ? "no address" : "not an IP address"}, ignored`);
    },
    isVictims(address) {
      return addresses.get(address)?.claim === "victim";
    },
    add(kind, role, detail, foundAt) {
      const entity: Record<string, unknown> = { kind, role, foundAt };
      let identity: string = kind;
      for (const name in detail) {
        const value: unknown = detail[name as keyof typeof detail];
        if (value === undefined) continue;
        const text = String(value);
        // A cut id or URL would be another one.
        if (text.length > textLimit) {
          notes.push(`${foundAt}: ${name} of ${text.length} characters was left out`);
          continue;
        }
        entity[name] = typeof value === "string" ? text.toWellFormed() : value;
        // With its length, as no text may pass for several details.
        identity += `\n${name} ${text.length} ${text}`;
      }
      if (identity === kind || needed[kind]?.some((name) => entity[name] === undefined)) return;
      identity = identity.toLowerCase();
      const known = others.get(identity);
      if (!known || rank[role] > rank[known.role]) others.set(identity, entity as Entity);
    },
    impliedResource(resourceId, foundAt) {
      if (resourceId !== undefined) implied ??= { kind: "azure-resource", role: "victim", foundAt, resourceId };
    },
    leaveOut(kind) {
      const name = kind.slice(0, 40).toLowerCase();
      if (leftOut.has(name) || leftOut.size < 20) leftOut.set(name, (leftOut.get(name) ?? 0) + 1);
    },
    all() {
      const named = [...others.values()].map((entity) =>
        isCalled(entity, attackersNames) ? inContext(entity) : entity,
      );
      const kept = mergeContained(fewOfEachKind(named, notes));
      if (implied && !kept.some((entity) => "resourceId" in entity)) kept.push(implied);
      // Attackers first: a hundred bystanders must not push them out.
      const ips = rolesSettled(addresses, gathered.outgoing);
      if (ips.length > addressLimit)
        notes.unshift(`only the first ${addressLimit} of ${ips.length} addresses were kept`);
      if (leftOut.size > 0) notes.push(`of no use to a containment, left out: ${counted(leftOut)}`);
      return [...kept, ...ips.slice(0, addressLimit)];
    },
  };
  return gathered;
}

function shortName(hostName: string): string {
  return hostName.trim().toLowerCase().split(".", 1)[0] ?? "";
}

/** A host that is told by nothing but one of these names: the ids that our own services give are not for an attacker to choose. */
function isCalled(entity: Entity, names: ReadonlySet<string>): boolean {
  if (names.size === 0 || entity.kind !== "host") return false;
  const { name, fqdn, resourceId, mdeDeviceId, azureAdDeviceId } = entity;
  if (resourceId ?? mdeDeviceId ?? azureAdDeviceId) return false;
  return [name, fqdn].some((known) => known !== undefined && names.has(shortName(known)));
}

function inContext(entity: Entity): Entity {
  return { ...entity, role: "context" };
}

/** Attackers, victims, context. */
function rolesSettled(addresses: ReadonlyMap<string, Standing>, outgoing: boolean): IpEntity[] {
  let named = outgoing;
  for (const { claim } of addresses.values()) if (claim === "attacker") named = true;
  const byRole: Record<Role, IpEntity[]> = { attacker: [], victim: [], context: [] };
  for (const { claim, foundAt, address, class: kind } of addresses.values()) {
    const role = roleBy(claim, named, outgoing);
    byRole[role].push({ kind: "ip", role, foundAt, address, class: kind });
  }
  return [...byRole.attacker, ...byRole.victim, ...byRole.context];
}

function roleBy(claim: Claim, attackerIsNamed: boolean, outgoing: boolean): Role {
  if (claim === "attacker" && outgoing) return "victim";
  if (claim === "implied attacker") return attackerIsNamed ? "context" : "attacker";
  return claim === "bystander" ? "context" : claim;
}

const order: Readonly<Record<Role, number>> = { attacker: 0, victim: 1, context: 2 };

function fewOfEachKind(entities: Entity[], notes: string[]): Entity[] {
  if (entities.length <= otherLimit) return entities;
  return [...Map.groupBy(entities, ({ kind }) => kind)].flatMap(([kind, members]) => {
    if (members.length <= otherLimit) return members;
    notes.unshift(`only the first ${otherLimit} of ${members.length} ${kind} entities were kept`);
    return members.toSorted((one, other) => order[one.role] - order[other.role]).slice(0, otherLimit);
  });
}

function counted(leftOut: ReadonlyMap<string, number>): string {
  return [...leftOut]
    .map(([kind, count]) => `${kind.replaceAll(/[^\w.-]/g, "?") || "without a type"} ${count}`)
    .join(", ");
}
