import type { Entities } from "../entities.ts";
import { find, isObject, type Json, value } from "../fields.ts";
import { readGuid, readResourceId } from "../ids.ts";
import type { Hosts } from "./hosts.ts";

/** Where a shape names what was attacked outside of the entities. */
export interface Attacked {
  /** Fields with ARM ids; `compromisedEntity` mostly holds a mere name. */
  resources: readonly string[];
  /** Field with the id of the Log Analytics agent. */
  agent?: string;
}

/** What was attacked: as a resource, or as the machine that the agent runs on. */
export function readResources(
  body: Json,
  path: string,
  attacked: Attacked,
  identifiers: { key: string; value: unknown },
  entities: Entities,
  hosts: Hosts,
): void {
  const items: unknown[] = Array.isArray(identifiers.value) ? identifiers.value : [];
  for (const [index, item] of items.entries()) {
    if (!isObject(item)) continue;
    const at = `${identifiers.key}[${index}]`;
    const resourceId = readResourceId(value(item, "azureResourceId"));
    if (resourceId) entities.add("azure-resource", "victim", { resourceId }, at);
  }
  for (const name of attacked.resources) {
    const field = find(body, name);
    if (field === undefined) continue;
    entities.add("azure-resource", "victim", { resourceId: readResourceId(field.value) }, path + field.key);
  }
  const agent = attacked.agent === undefined ? undefined : find(body, attacked.agent);
  if (agent) hosts.setAgent(readGuid(agent.value), path + agent.key);
}
