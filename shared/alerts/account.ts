import type { Entities } from "./entities.ts";
import type { Role } from "./entity.ts";
import { meant } from "./fields.ts";
import { readGuid, readUpn } from "./ids.ts";

/** An account as the Defender APIs write it, before anything of it is believed. */
export interface RawAccount {
  objectId?: unknown;
  upn?: unknown;
  name?: unknown;
  domain?: unknown;
  sid?: unknown;
}

/** LocalSystem, LocalService, NetworkService: every Windows machine has them, nobody can be disabled by them. */
const nobodySids = new Set(["S-1-5-18", "S-1-5-19", "S-1-5-20"]);
const nobodyNames = new Set(["system", "local service", "network service"]);

export function addUser(entities: Entities, role: Role, raw: RawAccount, foundAt: string): void {
  const objectId = readGuid(raw.objectId);
  const upn = readUpn(raw.upn);
  const name = meant(raw.name);
  const domain = meant(raw.domain);
  const givenSid = meant(raw.sid)?.toUpperCase();
  const sid = givenSid?.startsWith("S-1-") ? givenSid : undefined;
  // A domain alone is nobody.
  if (!objectId && !upn && !name && !sid) return;
  if (!objectId && isNobody(name, domain, sid)) entities.leaveOut("system-account");
  else entities.add("user", role, { objectId, upn, name, domain, sid }, foundAt);
}

/** A real account may be called SYSTEM: the security identifier decides where there is one, and without it the domain. */
function isNobody(name: string | undefined, domain: string | undefined, sid: string | undefined): boolean {
  if (sid) return nobodySids.has(sid);
  if (domain) return domain.toLowerCase() === "nt authority";
  return name !== undefined && nobodyNames.has(name.toLowerCase().replace(/^nt authority\\/, ""));
}
