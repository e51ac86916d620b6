import { isArmAlert, readArmAlert } from "./arm-alert.ts";
import { isObject, type Json } from "./fields.ts";
import { isFlatAlert, readFlatAlert } from "./flat-alert.ts";
import { type Reading, refused } from "./reading.ts";

/** The one place where payload families are told apart; the first that matches reads. */
const families: readonly { matches(payload: Json): boolean; read(payload: Json): Reading }[] = [
  { matches: isArmAlert, read: readArmAlert },
  { matches: isFlatAlert, read: readFlatAlert },
];

/** One payload in, one Alert out, or the reason why not. Never throws. */
export function readAlert(payload: unknown): Reading {
  if (!isObject(payload)) return refused(`the payload is ${describe(payload)}, not an object`);
  const family = families.find(({ matches }) => matches(payload));
  if (!family) return refused(`no known alert family has these fields: ${fieldNames(payload)}`);
  return family.read(payload);
}

function describe(payload: unknown): string {
  if (payload === null || payload === undefined) return "empty";
  return Array.isArray(payload) ? "a list" : `a ${typeof payload}`;
}

function fieldNames(payload: Json): string {
  const names = Object.keys(payload)
    .slice(0, 12)
    .map((name) => name.replaceAll(/[^\w.@ -]/g, "?").slice(0, 40));
  return names.length > 0 ? names.join(", ") : "(none)";
}
