import { addUser } from "../account.ts";
import type { Entities } from "../entities.ts";
import type { Role } from "../entity.ts";
import { eachObject, find, inner, type Json, join, value } from "../fields.ts";
import { statedRole } from "./evidence-role.ts";

/** A `userAccount` within evidence, and from where it reached for resources. */
export function addGraphUser(evidence: Json, name: string, at: string, role: Role, entities: Entities): void {
  const user = inner(evidence, name, at);
  if (!user) return;
  const account = user.object;
  const raw = {
    objectId: value(account, "azureAdUserId"),
    upn: value(account, "userPrincipalName"),
    name: value(account, "accountName"),
    domain: value(account, "domainName"),
    sid: value(account, "userSid"),
  };
  addUser(entities, role, raw, user.at);
  eachObject(account, "resourceAccessEvents", user.at, (access, accessAt) => {
    const address = find(access, "ipAddress");
    if (address?.value) entities.address("context", address.value, join(accessAt, address.key));
  });
}

export function readUserEvidence(evidence: Json, at: string, entities: Entities): void {
  addGraphUser(evidence, "userAccount", at, statedRole(evidence) ?? "victim", entities);
}

/** The `account` of a session: a whole `userEvidence`, whose own roles come before those of the session. */
export function readSessionAccount(evidence: Json, at: string, entities: Entities): void {
  const account = inner(evidence, "account", at);
  if (!account) return;
  const role = statedRole(account.object) ?? statedRole(evidence) ?? "victim";
  addGraphUser(account.object, "userAccount", account.at, role, entities);
}
