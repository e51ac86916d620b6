import type { Entities } from "../entities.ts";
import type { Role } from "../entity.ts";
import { isTrue, type Json } from "../fields.ts";
import { statedRole } from "../xdr/evidence-role.ts";
import type { Accounts } from "./accounts.ts";
import type { Hosts } from "./hosts.ts";
import type { References } from "./references.ts";

/** One entry of the list of entities. */
export interface Listed {
  item: Json;
  at: string;
  type: string;
  /** Reads entities of that type; undefined where none does. */
  reader: Reader | undefined;
  /** What it says of itself: that it is the attacked asset, or what its roles say. */
  role: Role | undefined;
}

export interface Gathering {
  entities: Entities;
  references: References;
  accounts: Accounts;
  hasOneAccount: boolean;
  /** Whether something is called the attacked asset: what is said not to be it then is something else. */
  hasAsset: boolean;
  hosts: Hosts;
  /** Objects that were read as part of another: a file's hashes. */
  taken: Set<Json>;
}

/** False when the entity is of no use to a containment. */
export type Reader = (listed: Listed, to: Gathering) => boolean;

/** What a listed entity says of itself. Rows hold the roles that XDR gives to evidence. */
export function roleOf(item: Json): Role | undefined {
  return isTrue(item, "asset") ? "victim" : statedRole(item);
}
