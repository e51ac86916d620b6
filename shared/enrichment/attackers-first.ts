import type { Entity, Role } from "../alerts/entity.ts";

const order: readonly Role[] = ["attacker", "victim", "context"];

/** Where only the first few are looked up, bystanders must not push the attackers out. */
export function attackersFirst<One extends Entity>(entities: readonly One[]): One[] {
  return order.flatMap((role) => entities.filter((entity) => entity.role === role));
}
