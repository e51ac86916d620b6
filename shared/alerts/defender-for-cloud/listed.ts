import type { Entities } from "../entities.ts";
import type { Role } from "../entity.ts";
import type { Json } from "../fields.ts";
import type { References } from "../references.ts";
import type { Hosts } from "./hosts.ts";

/** One entry of the list of entities. */
export interface Listed {
  item: Json;
  at: string;
  /** In small letters. */
  type: string;
  /** Whether the alert calls it the attacked asset. */
  asset: boolean;
}

export interface Gathering {
  entities: Entities;
  references: References;
  accountRole: Role;
  hosts: Hosts;
  /** Objects that were read as part of another: a file's hashes. */
  taken: Set<Json>;
  /** Addresses that names were resolved to: whoever they belong to, the alert does not call them the attacker's. */
  answers: Set<string>;
}

/** False when the entity is of no use to a containment. */
export type Reader = (listed: Listed, to: Gathering) => boolean;
