import type { Entities } from "../entities.ts";
import { createEntities } from "../entities.ts";

/** What the evidence of one alert comes to, while it is read. */
export interface Findings {
  entities: Entities;
  notes: string[];
  /** Addresses of the alert's own devices, as they are spelled: who talks to one of them from outside is told by it. */
  ownAddresses: string[];
}

export function createFindings(): Findings {
  const notes: string[] = [];
  return { entities: createEntities(notes), notes, ownAddresses: [] };
}

/** An address of a device of ours: a victim's wherever else in the alert it stands. */
export function addOwnAddress({ entities, ownAddresses }: Findings, raw: unknown, foundAt: string): void {
  if (raw === undefined || raw === null || raw === "") return;
  entities.address("victim", raw, foundAt);
  if (typeof raw === "string" && raw.length <= 128) ownAddresses.push(raw);
}
