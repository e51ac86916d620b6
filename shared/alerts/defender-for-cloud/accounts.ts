import type { Role } from "../entity.ts";
import type { Json } from "../fields.ts";
import { readGuid } from "../ids.ts";

/** Whose the accounts are that an alert names. */
export interface Accounts {
  /** Of those that nothing more is said of. */
  role: Role;
  /** Object ids of who assigned a role, where that is what the alert is about. */
  assigners: ReadonlySet<string> | undefined;
}

/** `properties`: the extended properties, of an incident those of all its alerts. */
export function accountsOf(types: readonly string[], properties: readonly Json[]): Accounts {
  const assigning = types.some((type) => /^(?:SIMULATED_)?ARM_Anomalous\w*RoleAssignment$/i.test(type));
  return {
    // Alerts about the use of a vault or of Resource Manager name who acted; all others the account that was used or attacked.
    role:
      types.length > 0 && types.every((type) => /^(?:SIMULATED_)?(?:KV|ARM|RM)_/i.test(type)) ? "attacker" : "victim",
    assigners: assigning ? new Set(properties.flatMap(assignersIn)) : undefined,
  };
}

/** What is said of an account that nobody can be looked up by: that it was named must not go under. */
export const onlyObjectGuid =
  "an account with nothing but an objectGuid, which is the id of an on-premises directory, ignored";

/** A role is assigned by one and to another, and the alert's accounts do not say which is which: only the assigner is the attacker's. */
export function roleOfAccount(
  { role, assigners }: Accounts,
  { objectId, isOnly, foundAt }: { objectId: string | undefined; isOnly: boolean; foundAt: string },
  notes: string[],
): Role {
  if (assigners === undefined || role !== "attacker") return role;
  if (objectId !== undefined && assigners.has(objectId)) return role;
  if (isOnly && assigners.size === 0) return role;
  notes.push(
    `${foundAt}: nothing says that this account assigned the role and was not given it, so it is only context`,
  );
  return "context";
}

function assignersIn(properties: Json): string[] {
  return Object.keys(properties).flatMap((name) => {
    const isMeant = name.length <= 64 && name.replaceAll(/[\s\p{P}]/gu, "").toLowerCase() === "assignerprincipalid";
    return (isMeant && readGuid(properties[name])) || [];
  });
}
