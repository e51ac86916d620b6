import { isOutgoingType } from "../attack-direction.ts";
import { readEmbedded } from "../embedded-json.ts";
import type { Entities } from "../entities.ts";
import { readExtendedProperties } from "../extended-properties.ts";
import { eachOf, find, isObject, type Json, join, meant, value } from "../fields.ts";
import { readGuid, readResourceId } from "../ids.ts";
import { accountsOf } from "./accounts.ts";
import { createHosts } from "./hosts.ts";
import { readListedEntities } from "./listed-entities.ts";
import { createReferences, type Root } from "./references.ts";

/** Where a shape names what was attacked outside of the entities. */
export interface Attacked {
  /** Fields with ARM ids; `compromisedEntity` mostly holds a mere name. */
  resources: readonly string[];
  /** Field with the id of the Log Analytics agent. */
  agent?: string;
}

interface Source {
  body: Json;
  at: string;
  type: string;
  attacked: Attacked;
}

/** Everything that one alert names, out of the three places where Defender for Cloud writes it. */
export function gatherEntities({ body, at, type, attacked }: Source, entities: Entities): void {
  const { notes } = entities;
  const properties = readStructure(body, at, "extendedProperties", notes);
  const listed = readStructure(body, at, "entities", notes);
  const identifiers = readStructure(body, at, "resourceIdentifiers", notes);
  const accounts = accountsOf([type], isObject(properties.value) ? [properties.value] : []);
  entities.outgoing = isOutgoingType(type);
  const hosts = createHosts();

  if (isObject(properties.value)) readExtendedProperties(properties.value, properties.at, accounts.role, entities);
  else if (isThere(properties.value)) notes.push(`${properties.at}: no object, ignored`);
  if (Array.isArray(identifiers.value)) {
    eachOf(identifiers.value, identifiers.at, (item, itemAt) => {
      if (isObject(item)) addResource(value(item, "azureResourceId"), itemAt, entities);
    });
  }
  for (const name of attacked.resources) {
    const field = find(body, name);
    if (field) addResource(field.value, join(at, field.key), entities);
  }
  const agent = attacked.agent === undefined ? undefined : find(body, attacked.agent);
  if (agent) hosts.setAgent(readGuid(agent.value), join(at, agent.key));
  // Of two definitions with one id the first counts, and that of an entity before that of a resource.
  const references = createReferences([listed, identifiers], notes);
  if (Array.isArray(listed.value))
    readListedEntities(listed.value, listed.at, {
      entities,
      references,
      accounts,
      hasOneAccount: false,
      hasAsset: false,
      hosts,
      taken: new Set(),
    });
  else if (isThere(listed.value)) notes.push(`${listed.at}: no list, ignored`);
  hosts.addTo(entities);
}

function addResource(raw: unknown, foundAt: string, entities: Entities): void {
  const resourceId = readResourceId(raw);
  if (resourceId) entities.add("azure-resource", "victim", { resourceId }, foundAt);
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** A list or an object that Log Analytics and the Activity Log hold as JSON in a string. */
export function readStructure(body: Json, at: string, name: string, notes: string[]): Root {
  const field = find(body, name);
  const fieldAt = join(at, field?.key ?? name);
  const read = readEmbedded(field?.value);
  const words = read === undefined ? meant(field?.value) : undefined;
  // Rows have room for 32 KB and are cut off there.
  if (words !== undefined) notes.push(`${fieldAt}: text of ${words.length} characters that is no JSON, ignored`);
  return { at: fieldAt, value: read };
}
