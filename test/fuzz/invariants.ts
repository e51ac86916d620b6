import ipaddr from "ipaddr.js";
import { Alert } from "../../shared/alerts/alert.ts";
import { payloadDigest } from "../../shared/alerts/payload-digest.ts";
import { readAll } from "../../shared/alerts/read-alert.ts";
import { reasonOf } from "../../shared/alerts/reading.ts";

export class Broken extends Error {
  override readonly name = "Broken";
}

/** Bytes of JSON: what one alert may become, however large its payload was. */
const alertLimit = 300_000;
/** Milliseconds for a body of a megabyte, far above what it takes and far below what a person would call hanging. */
const timeLimit = 2_000;

const builtIns = [Object.prototype, Array.prototype, String.prototype, Function.prototype, Map.prototype];
const untouched = builtIns.map((prototype) => Object.getOwnPropertyNames(prototype).join());

/** Reads one body and throws {@link Broken} if any promise about reading does not hold. Answers how many alerts it gave. */
export function checkReading(text: string): number {
  const body: unknown = JSON.parse(text);
  const began = performance.now();
  const read = readAll(body);
  const took = performance.now() - began;
  if (took > timeLimit) throw new Broken(`reading ${text.length} characters took ${Math.round(took)} ms`);
  if (payloadDigest(body) !== payloadDigest(JSON.parse(text))) throw new Broken("reading changed the payload");
  for (const [index, prototype] of builtIns.entries())
    if (Object.getOwnPropertyNames(prototype).join() !== untouched[index]) throw new Broken("a prototype was changed");

  let alerts = 0;
  for (const { reading } of read) {
    if (!("alert" in reading)) {
      if (reasonOf(reading).trim() === "") throw new Broken("a reading without a reason");
      if (reasonOf(reading).length > 2_000) throw new Broken("a reason as long as a payload");
      continue;
    }
    alerts++;
    const { alert } = reading;
    const parsed = Alert.safeParse(alert);
    if (!parsed.success) throw new Broken(`no Alert: ${parsed.error.message.slice(0, 500)}`);
    const size = JSON.stringify(alert).length;
    if (size > alertLimit) throw new Broken(`an alert of ${size} characters`);
    for (const entity of alert.entities)
      if (entity.kind === "ip" && entity.role === "attacker") checkAttacker(entity.address, entity.foundAt, body);
  }
  return alerts;
}

/** Names under which products write addresses of the attacked side; nothing that stands there may be called an attacker. */
const victimNames =
  /^(victim ?ip( ?address)?|local ?ip|last ?ip ?address|last ?external ?ip ?address|ip ?interfaces|host ?ip ?address|destination ?ip( ?address)?)$/i;

/**
 * The oracle knows nothing of families: an attacker's address must stand, letter for letter or in another spelling of the same address,
 * in the text at the place that the entity names, and that place must not be one of the victim's.
 */
export function checkAttacker(address: string, foundAt: string, body: unknown): void {
  const steps = stepsOf(foundAt);
  const found = follow(body, steps);
  if (typeof found !== "string")
    throw new Broken(`${foundAt} leads to ${JSON.stringify(found)?.slice(0, 80)}, not to text`);
  if (!holds(found, address)) throw new Broken(`${foundAt} holds ${found.slice(0, 80)}, not ${address}`);
  const names = steps.filter((step) => !/^\d+$/.test(step));
  if (names.some((name) => victimNames.test(name))) throw new Broken(`${foundAt} is a victim's place`);
}

function holds(text: string, address: string): boolean {
  return text
    .split(/[\s,;"'()]+/)
    .flatMap((part) => [
      part,
      part.replace(/^\[(.*)\](:\d+)?$/, "$1"),
      part.replace(/:\d+$/, ""),
      part.replaceAll(/[[\]]/g, ""),
    ])
    .map((part) => part.replace(/%.*$/, ""))
    .some((part) => ipaddr.isValid(part) && ipaddr.process(part).toString() === address);
}

/** `properties.entities[2]["a key"].address` as its steps. */
function stepsOf(path: string): string[] {
  const steps: string[] = [];
  const step = /\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\.?([^.[\]]+)/gy;
  for (let match = step.exec(path); match; match = step.exec(path)) {
    const [, index, quoted, name] = match;
    if (index !== undefined) steps.push(index);
    else if (quoted !== undefined) steps.push(JSON.parse(`"${quoted}"`));
    else if (name !== undefined) steps.push(name);
  }
  return steps;
}

/** JSON in a string is walked into, as the readers do. */
function follow(value: unknown, steps: readonly string[]): unknown {
  let current = value;
  for (const step of steps) {
    for (let level = 0; typeof current === "string" && level < 4; level++) current = parsed(current);
    if (typeof current !== "object" || current === null) return undefined;
    const holder = current as Record<string, unknown>;
    current = Object.hasOwn(holder, step) ? holder[step] : undefined;
  }
  return current;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
