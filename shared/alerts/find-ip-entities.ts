import type { IpEntity } from "./alert.ts";
import { find, isObject, type Json, text } from "./fields.ts";
import { type ReadAddress, readAddress } from "./ip-address.ts";

/** extendedProperties that name the attacker, compared without blanks and letter case. */
const attackerKeys = new Set([
  "actor(clientip)",
  "attackeripaddress",
  "attackerip",
  "clientipaddress",
  "samplesourceipaddresses",
  "sourceips",
]);
const victimKeys = new Set(["victimip", "victimipaddress"]);

/** Room for 200 IPv6 addresses: more than one alert can be answered with. */
const valueLimit = 8192;

interface Named extends ReadAddress {
  foundAt: string;
}

/**
 * The addresses of an alert and who they belong to. The attacker is often no entity but an extended property; where a property
 * names the attacker, the entities beside it are context, and what a property calls the victim is never an attacker.
 */
export function findIpEntities(
  properties: { key: string; value: Json },
  entities: { key: string; items: unknown[] },
  notes: string[],
): IpEntity[] {
  const attackers = namedIn(properties, attackerKeys, notes);
  const victims = namedIn(properties, victimKeys, notes);
  const known = new Set([...attackers, ...victims].map((named) => named.address));
  const isVictim = (address: string) => victims.some((victim) => victim.address === address);

  const listed = entities.items.flatMap((item, index): IpEntity[] => {
    if (!isObject(item) || text(item, "type")?.toLowerCase() !== "ip") return [];
    const field = find(item, "address");
    const foundAt = `${entities.key}[${index}].${field?.key ?? "address"}`;
    if (typeof field?.value !== "string") {
      notes.push(`${foundAt}: an ip entity without an address was ignored`);
      return [];
    }
    const read = readAddress(field.value);
    if (!read) {
      notes.push(`${foundAt}: not an IP address, ignored`);
      return [];
    }
    if (known.has(read.address)) return [];
    known.add(read.address);
    const isAsset = find(item, "asset")?.value === true;
    return [{ kind: "ip", role: isAsset ? "victim" : attackers.length > 0 ? "context" : "attacker", foundAt, ...read }];
  });

  return [
    ...attackers
      .filter(({ address }) => !isVictim(address))
      .map((named): IpEntity => ({ kind: "ip", role: "attacker", ...named })),
    ...victims.map((named): IpEntity => ({ kind: "ip", role: "victim", ...named })),
    ...listed,
  ];
}

function namedIn(properties: { key: string; value: Json }, keys: ReadonlySet<string>, notes: string[]): Named[] {
  const named = new Map<string, Named>();
  for (const [key, raw] of Object.entries(properties.value)) {
    if (!keys.has(key.replaceAll(/\s/g, "").toLowerCase()) || typeof raw !== "string") continue;
    const foundAt = `${properties.key}["${key}"]`;
    // A comma list, or a JSON array in a string: brackets and quotes fall away with the separators.
    if (raw.length > valueLimit)
      notes.push(`${foundAt}: only the first ${valueLimit} of ${raw.length} characters were read`);
    const parts = raw.slice(0, valueLimit).split(/[\s,;"'[\]]+/);
    // What a cut goes through may still read as an address: of somebody else.
    if (raw.length > valueLimit) parts.pop();
    for (const part of parts.filter(Boolean)) {
      const read = readAddress(part) ?? readAddress(`[${part}]`);
      if (read && !named.has(read.address)) named.set(read.address, { foundAt, ...read });
      else if (!read) notes.push(`${foundAt}: part of the value is not an IP address, ignored`);
    }
  }
  return [...named.values()];
}
