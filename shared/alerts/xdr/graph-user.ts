import type { Role } from "../entity.ts";
import { addUser } from "../families/account.ts";
import { find, isObject, type Json, list, value } from "../fields.ts";
import type { Findings } from "./findings.ts";
import { statedRole } from "./graph-roles.ts";

/** A `userAccount` within evidence, and from where it reached for resources. */
export function addGraphUser(evidence: Json, name: string, at: string, role: Role, { entities }: Findings): void {
  const field = find(evidence, name);
  if (!isObject(field?.value)) return;
  const account = field.value;
  const foundAt = `${at}.${field.key}`;
  const raw = {
    objectId: value(account, "azureAdUserId"),
    upn: value(account, "userPrincipalName"),
    name: value(account, "accountName"),
    domain: value(account, "domainName"),
    sid: value(account, "userSid"),
  };
  addUser(entities, role, raw, foundAt);
  const accesses = list(account, "resourceAccessEvents");
  for (const [index, access] of accesses.items.entries()) {
    const address = isObject(access) ? find(access, "ipAddress") : undefined;
    if (address?.value)
      entities.address("context", address.value, `${foundAt}.${accesses.key}[${index}].${address.key}`);
  }
}

export function readUserEvidence(evidence: Json, at: string, findings: Findings): void {
  addGraphUser(evidence, "userAccount", at, statedRole(evidence) ?? "victim", findings);
}

/** The `account` of a session: a whole `userEvidence`, whose own roles come before those of the session. */
export function readSessionAccount(evidence: Json, at: string, findings: Findings): void {
  const field = find(evidence, "account");
  if (!isObject(field?.value)) return;
  const role = statedRole(field.value) ?? statedRole(evidence) ?? "victim";
  addGraphUser(field.value, "userAccount", `${at}.${field.key}`, role, findings);
}
