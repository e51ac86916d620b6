import type { Entity, Role } from "./entity.ts";

const strength: Readonly<Record<Role, number>> = { victim: 2, attacker: 1, context: 0 };

/**
 * Products name one person or machine in several places, here by a name alone, there with its ids. What says nothing that another entity
 * of its kind does not say as well is that entity, which takes the stronger role of the two and its place. What two others contain, none
 * of which contains the other, may be either, and stays what it is.
 */
export function mergeContained(entities: readonly Entity[]): Entity[] {
  const kinds = new Map<string, number>();
  for (const { kind } of entities) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  // Most alerts name one of a kind.
  if (kinds.size === entities.length) return [...entities];

  const kept = [...entities];
  const richestFirst = entities
    .map((entity, index) => ({ entity, index, size: Object.keys(entity).length }))
    .sort((one, other) => other.size - one.size);
  const richer: typeof richestFirst = [];
  const merged = new Set<number>();
  for (const candidate of richestFirst) {
    const holders = richer.filter(({ entity }) => contains(entity, candidate.entity));
    const [holder] = holders;
    if (holder === undefined || holders.length > 1) {
      richer.push(candidate);
      continue;
    }
    const { role, foundAt } = candidate.entity;
    if (strength[role] > strength[holder.entity.role]) {
      holder.entity = { ...holder.entity, role, foundAt };
      kept[holder.index] = holder.entity;
    }
    merged.add(candidate.index);
  }
  return merged.size === 0 ? kept : kept.filter((_, index) => !merged.has(index));
}

/** Every detail of the one stands, in whatever letter case, in the other. */
function contains(more: Readonly<Record<string, unknown>>, fewer: Readonly<Record<string, unknown>>): boolean {
  if (more.kind !== fewer.kind) return false;
  for (const name in fewer) {
    const [one, other] = [more[name], fewer[name]];
    if (one === other || name === "role" || name === "foundAt") continue;
    if (one === undefined || String(one).toLowerCase() !== String(other).toLowerCase()) return false;
  }
  return true;
}
