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
    .map((entity, index) => ({ entity, index, details: detailsOf(entity) }))
    .sort((one, other) => other.details.size - one.details.size);
  const richer: typeof richestFirst = [];
  const merged = new Set<number>();
  for (const candidate of richestFirst) {
    const holders = richer.filter(
      ({ entity, details }) => entity.kind === candidate.entity.kind && contains(details, candidate.details),
    );
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

function detailsOf({ role: _role, foundAt: _foundAt, kind: _kind, ...details }: Entity): Map<string, string> {
  return new Map(Object.entries(details).map(([name, detail]) => [name, String(detail).toLowerCase()]));
}

function contains(more: ReadonlyMap<string, string>, fewer: ReadonlyMap<string, string>): boolean {
  for (const [name, detail] of fewer) if (more.get(name) !== detail) return false;
  return true;
}
