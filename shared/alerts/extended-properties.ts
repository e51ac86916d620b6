import { readApiEndpoint } from "./api-endpoint.ts";
import type { Entities } from "./entities.ts";
import type { Role } from "./entity.ts";
import { type Json, meant } from "./fields.ts";
import { readGuid, readUpn } from "./ids.ts";
import { readAddress } from "./ip-address.ts";

type Meaning = "attacker" | "victim" | "free-text" | "principal" | "application" | "api-endpoint" | "user";

/** Names without blanks, punctuation and capitals: products spell one property in many ways, and Resource Manager once more. */
const meanings: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ...[
    "actorclientip",
    "attackerip",
    "attackeripaddress",
    "attackerips",
    "clientip",
    "clientipaddress",
    "calleripaddress",
    "sourceip",
    "sourceips",
    "sourceipaddress",
    "sourceipaddresses",
    "samplesourceipaddresses",
    "ipaddress",
    "ipaddresses",
    "suspiciousip",
    "suspiciousipaddress",
  ].map((name): [string, Meaning] => [name, "attacker"]),
  ...["victimip", "victimipaddress", "destinationip", "destinationipaddress", "hostip", "machineip", "serverip"].map(
    (name): [string, Meaning] => [name, "victim"],
  ),
  ["source", "free-text"],
  ["attackerobjectid", "principal"],
  ["applicationid", "application"],
  ["apiendpoint", "api-endpoint"],
  ["clientprincipalname", "user"],
  ["azureaduser", "user"],
]);

/** Room for 200 IPv6 addresses: more than one alert can be answered with. */
const valueLimit = 8192;
const nameLimit = 64;

/** What names mean, once worked out: all alerts together use few hundred. */
const remembered = new Map<string, Meaning | undefined>();
const rememberedLimit = 1000;

/**
 * Reads what extended properties say about attackers and victims; often the attacker is nowhere else. `userRole` is whose the users are
 * that they name. A name that is not in the table is never read: text of that kind holds anybody's addresses.
 */
export function readExtendedProperties(
  { key: at, value: properties }: { key: string; value: Json },
  userRole: Role,
  entities: Entities,
  notes: string[],
): void {
  for (const name of Object.keys(properties)) {
    const meaning = meaningOf(name);
    if (meaning === undefined) continue;
    const raw = properties[name];
    // Absent, or unused: `N/A (Azure AD user authentication was not used)`.
    if (raw === null || raw === undefined || (typeof raw === "string" && saysNothing(raw))) continue;
    const foundAt = `${at}[${JSON.stringify(name)}]`;
    switch (meaning) {
      case "attacker":
      case "victim":
        readAddresses(meaning, raw, foundAt, entities, notes);
        break;
      case "free-text":
        readFreeText(raw, foundAt, entities, notes);
        break;
      case "principal":
        entities.add("principal", "attacker", { objectId: readId(raw, foundAt, notes) }, foundAt);
        break;
      case "application":
        entities.add("application", "context", { appId: readId(raw, foundAt, notes) }, foundAt);
        break;
      case "api-endpoint":
        readEndpoint(raw, foundAt, entities, notes);
        break;
      case "user":
        entities.add("user", userRole, { upn: readUpn(raw) }, foundAt);
        break;
    }
  }
}

function meaningOf(name: string): Meaning | undefined {
  if (name.length > nameLimit) return undefined;
  const known = remembered.get(name);
  if (known !== undefined || remembered.has(name)) return known;
  const meaning = meanings.get(name.replaceAll(/[\s\p{P}]/gu, "").toLowerCase());
  if (remembered.size >= rememberedLimit) remembered.clear();
  remembered.set(name, meaning);
  return meaning;
}

function saysNothing(raw: string): boolean {
  return meant(raw) === undefined || /^\s*n\/a\b/i.test(raw);
}

/** One address, a comma list, or a JSON array in a string, each with a port, brackets or a zone. */
function readAddresses(role: Role, raw: unknown, foundAt: string, entities: Entities, notes: string[]): void {
  if (typeof raw !== "string") {
    notes.push(`${foundAt}: not text, ignored`);
    return;
  }
  let strange = 0;
  for (const part of cut(raw, foundAt, notes).split(/[\s,;"']+/)) {
    if (/^[[\]]*$/.test(part) || entities.tryAddress(role, part, foundAt)) continue;
    // The ends of a list without quotes: `[203.0.113.7,203.0.113.8]`
    const inner = part.replace(/^\[/, "").replace(/\]$/, "");
    if (!entities.tryAddress(role, inner, foundAt)) strange++;
  }
  if (strange > 0) notes.push(`${foundAt}: ${strange} parts of the value are no IP address, ignored`);
}

/** `FreeRDP (203.0.113.7)`, or nothing but addresses. Of several addresses within words nobody knows whose they are. */
function readFreeText(raw: unknown, foundAt: string, entities: Entities, notes: string[]): void {
  if (typeof raw !== "string") return;
  const words = cut(raw, foundAt, notes)
    .split(/[\s,;"'()]+/)
    .filter((word) => word !== "");
  const found = words.flatMap((word) => readAddress(word)?.address ?? []);
  const different = new Set(found);
  if (different.size > 1 && found.length < words.length) {
    notes.push(`${foundAt}: ${different.size} addresses in free text, which does not say whose they are, ignored`);
    return;
  }
  for (const address of different) entities.address("attacker", address, foundAt);
}

/** Zeros stand where there is no id. */
function readId(raw: unknown, foundAt: string, notes: string[]): string | undefined {
  const id = readGuid(raw);
  if (!id && !(typeof raw === "string" && /^[\s0-]*$/.test(raw))) notes.push(`${foundAt}: not a GUID, ignored`);
  return id;
}

function readEndpoint(raw: unknown, foundAt: string, entities: Entities, notes: string[]): void {
  const endpoint = typeof raw === "string" && raw.length <= 4096 ? readApiEndpoint(raw) : undefined;
  if (endpoint) entities.add("api-endpoint", "victim", { ...endpoint }, foundAt);
  else notes.push(`${foundAt}: not of the form "METHOD URL", ignored`);
}

/** What the cut goes through may still read as an address: of somebody else. */
function cut(raw: string, foundAt: string, notes: string[]): string {
  if (raw.length <= valueLimit) return raw;
  notes.push(`${foundAt}: only the first ${valueLimit} of ${raw.length} characters were read`);
  let end = valueLimit;
  while (end > 0 && !/[\s,;"']/.test(raw.charAt(end - 1))) end--;
  return raw.slice(0, end);
}
