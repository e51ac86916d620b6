import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Alert } from "../../shared/alerts/alert.ts";
import { readAlert } from "../../shared/alerts/read-alert.ts";
import { reasonOf } from "../../shared/alerts/reading.ts";

type Json = Record<string, unknown>;

const fixture = join(import.meta.dirname, "../../local/scenarios/alerts/api-parameter-enumeration.json");

/** The Defender for APIs alert of the plays, in the flat shape, with some fields in the place of its own. */
export function aPayload(changes: Json = {}): Json {
  return { ...JSON.parse(readFileSync(fixture, "utf8")), ...changes };
}

/** The same with these extended properties and no entities, so that nothing else names an address. */
export function aPayloadWith(extendedProperties: unknown, entities: unknown = []): Json {
  return aPayload({ ExtendedProperties: extendedProperties, Entities: entities });
}

export function read(payload: unknown): Alert {
  const reading = readAlert(payload);
  if (!("alert" in reading)) throw new Error(`the payload gives no alert: ${reasonOf(reading)}`);
  return reading.alert;
}

export function addressesOf({ entities }: Alert, role: "attacker" | "victim" | "context"): string[] {
  return entities.flatMap((entity) => (entity.kind === "ip" && entity.role === role ? [entity.address] : []));
}

/** Every key of a payload spelled anew, values as they were. */
export function rekey(value: unknown, spell: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => rekey(item, spell));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [spell(key), rekey(inner, spell)]));
}
