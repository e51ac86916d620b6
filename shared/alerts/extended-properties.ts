import type { Entities } from "./entities.ts";
import type { Role } from "./entity.ts";
import { type Json, meant } from "./fields.ts";
import { readGuid, readResourceId, readUpn } from "./ids.ts";
import { readAddress } from "./ip-address.ts";

type Meaning =
  | "attacker"
  | "victim"
  | "destination"
  | "free-text"
  | "principal"
  | "application"
  | "api-endpoint"
  | "user"
  | "host-name"
  | "resource";

/** Names without blanks, punctuation and capitals: products spell one property in many ways, and Resource Manager once more. */
const meanings: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ...[
    "actorclientip",
    "attackerip",
    "attackeripaddress",
    "attackerips",
    "attackersourceip",
    "attackers",
    "clientip",
    "clientipaddress",
    "calleripaddress",
    "sourceip",
    "sourceips",
    "sourceipsattempts",
    "sourceipaddress",
    "sourceipaddresses",
    "samplesourceipaddresses",
    "ipaddress",
    "ipaddresses",
    "suspiciousip",
    "suspiciousipaddress",
    "roledefinitioncreatoripaddress",
  ].map((name): [string, Meaning] => [name, "attacker"]),
  ...["hostip", "machineip", "serverip"].map((name): [string, Meaning] => [name, "victim"]),
  ...["victimip", "victimipaddress", "possiblevictims", "destinationip", "destinationipaddress"].map(
    (name): [string, Meaning] => [name, "destination"],
  ),
  ["source", "free-text"],
  ...[
    "attackerobjectid",
    "principaloid",
    "principalobjectid",
    "aaduserid",
    "roledefinitioncreatorprincipalid",
    "assignerprincipalid",
  ].map((name): [string, Meaning] => [name, "principal"]),
  ["applicationid", "application"],
  ["azureadapplicationid", "application"],
  ["apiendpoint", "api-endpoint"],
  ["clientprincipalname", "user"],
  ["azureaduser", "user"],
  ["principalname", "user"],
  ["roledefinitioncreatorprincipalname", "user"],
  ["username", "user"],
  ["clienthostname", "host-name"],
  ["attackersourcecomputername", "host-name"],
  // Alerts of Defender for APIs may name their service nowhere else.
  ["resourceid", "resource"],
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
export function readExtendedProperties(properties: Json, at: string, userRole: Role, entities: Entities): void {
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
        readAddresses(meaning, raw, foundAt, entities);
        break;
      case "destination":
        // Whom a machine of ours attacks is not ours.
        readAddresses(entities.outgoing ? "context" : "victim", raw, foundAt, entities);
        break;
      case "host-name":
        if (typeof raw === "string") entities.attackersName(raw);
        break;
      case "free-text":
        readFreeText(raw, foundAt, entities);
        break;
      case "principal":
        entities.add("principal", "attacker", { objectId: readId(raw, foundAt, entities) }, foundAt);
        break;
      case "application":
        entities.add("application", "context", { appId: readId(raw, foundAt, entities) }, foundAt);
        break;
      case "api-endpoint":
        readEndpoint(raw, foundAt, entities);
        break;
      case "user":
        entities.add("user", userRole, { upn: readUpn(raw) }, foundAt);
        break;
      case "resource":
        entities.impliedResource(readResourceId(raw), foundAt);
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

/**
 * One address, a comma list, or a JSON array in a string, each with a port, brackets or a zone, some with a label before and a count
 * behind: `["IP Address: 203.0.113.7"]`, `203.0.113.7 [12], 203.0.113.8 (3)`.
 */
function readAddresses(role: Role, raw: unknown, foundAt: string, entities: Entities): void {
  if (entities.tryAddress(role, raw, foundAt)) return;
  if (typeof raw !== "string") {
    entities.notes.push(`${foundAt}: not text, ignored`);
    return;
  }
  let strange = 0;
  const plain = cut(raw, foundAt, entities).replaceAll(/\bIP Address:|\[\d{1,9}\]|\(\d{1,9}\)/gi, " ");
  for (const part of plain.split(/[\s,;"']+/)) {
    if (/^[[\]]*$/.test(part) || entities.tryAddress(role, part, foundAt)) continue;
    // The ends of a list without quotes: `[203.0.113.7,203.0.113.8]`
    const inner = part.replace(/^\[/, "").replace(/\]$/, "");
    if (!entities.tryAddress(role, inner, foundAt)) strange++;
  }
  if (strange > 0) entities.notes.push(`${foundAt}: ${strange} parts of the value are no IP address, ignored`);
}

/** `FreeRDP (203.0.113.7)`, or nothing but addresses. Of several addresses within words nobody knows whose they are. */
function readFreeText(raw: unknown, foundAt: string, entities: Entities): void {
  if (typeof raw !== "string") return;
  const words = cut(raw, foundAt, entities)
    .split(/[\s,;"'()]+/)
    .filter((word) => word !== "");
  const found = words.flatMap((word) => readAddress(word)?.address ?? []);
  const different = new Set(found);
  if (different.size > 1 && found.length < words.length) {
    entities.notes.push(
      `${foundAt}: ${different.size} addresses in free text, which does not say whose they are, ignored`,
    );
    return;
  }
  for (const address of different) entities.address("attacker", address, foundAt);
}

/** Zeros stand where there is no id. */
function readId(raw: unknown, foundAt: string, { notes }: Entities): string | undefined {
  const id = readGuid(raw);
  if (!id && !(typeof raw === "string" && /^[\s0-]*$/.test(raw))) notes.push(`${foundAt}: not a GUID, ignored`);
  return id;
}

/** `"GET https://contoso.azure-api.net/orders/7"`: the alert carries no id of the API. */
function readEndpoint(raw: unknown, foundAt: string, entities: Entities): void {
  const said = typeof raw === "string" && raw.length <= 4096 ? raw : "";
  const [, method = "", address = ""] = /^\s*([A-Za-z]{3,10})\s+(https?:\/\/\S+)\s*$/i.exec(said) ?? [];
  const url = URL.parse(address);
  if (!url) {
    entities.notes.push(`${foundAt}: not of the form "METHOD URL", ignored`);
    return;
  }
  const endpoint = { method: method.toUpperCase(), host: url.hostname.toLowerCase(), path: url.pathname };
  entities.add("api-endpoint", "victim", endpoint, foundAt);
}

/** What the cut goes through may still read as an address: of somebody else. */
function cut(raw: string, foundAt: string, { notes }: Entities): string {
  if (raw.length <= valueLimit) return raw;
  notes.push(`${foundAt}: only the first ${valueLimit} of ${raw.length} characters were read`);
  let end = valueLimit;
  while (end > 0 && !/[\s,;"']/.test(raw.charAt(end - 1))) end--;
  return raw.slice(0, end);
}
