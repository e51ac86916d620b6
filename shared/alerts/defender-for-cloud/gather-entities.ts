import type { Entities } from "../entities.ts";
import type { Role } from "../entity.ts";
import { readExtendedProperties } from "../extended-properties.ts";
import { find, isObject, type Json, meant } from "../fields.ts";
import { createReferences } from "../references.ts";
import { createHosts } from "./hosts.ts";
import { readListedEntities } from "./listed-entities.ts";
import { type Attacked, readResources } from "./resources.ts";

/** Everything that one alert names, out of the three places where Defender for Cloud writes it. */
export function gatherEntities(
  { body, path, type, attacked }: { body: Json; path: string; type: string; attacked: Attacked },
  entities: Entities,
  notes: string[],
): void {
  const properties = structure(body, path, "extendedProperties", notes);
  const listed = structure(body, path, "entities", notes);
  const identifiers = structure(body, path, "resourceIdentifiers", notes);
  const items = Array.isArray(listed.value) ? listed.value : [];
  if (listed.value !== items && said(listed.value)) notes.push(`${listed.key}: no list, ignored`);
  const accountRole = roleOfAccounts(type);
  const hosts = createHosts();

  if (isObject(properties.value))
    readExtendedProperties({ key: properties.key, value: properties.value }, accountRole, entities, notes);
  else if (said(properties.value)) notes.push(`${properties.key}: no object, ignored`);
  readResources(body, path, attacked, identifiers, entities, hosts);
  // Of two definitions with one id the first counts, and that of an entity before that of a resource.
  const references = createReferences([listed, identifiers], notes);
  readListedEntities(
    { key: listed.key, items },
    {
      entities,
      references,
      accountRole,
      hosts,
      taken: new Set(),
      answers: new Set(),
    },
  );
  hosts.addTo(entities);
}

function said(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Alerts about the use of a vault or of Resource Manager name who acted; all others the account that was used or attacked. */
export function roleOfAccounts(type: string): Role {
  return /^(?:kv|arm|rm)_/i.test(type) ? "attacker" : "victim";
}

/** A list or an object that Log Analytics and the Activity Log hold as JSON in a string. */
export function structure(body: Json, path: string, name: string, notes: string[]): { key: string; value: unknown } {
  const field = find(body, name);
  const key = path + (field?.key ?? name);
  if (typeof field?.value !== "string") return { key, value: field?.value };
  const raw = meant(field.value);
  if (raw === undefined) return { key, value: undefined };
  try {
    return { key, value: JSON.parse(raw) };
  } catch {
    // Rows have room for 32 KB and are cut off there.
    notes.push(`${key}: text of ${raw.length} characters that is no JSON, ignored`);
    return { key, value: undefined };
  }
}
