import { joinStream } from "../shared/alerts/families/xdr-stream-record.ts";
import type { Json } from "../shared/alerts/fields.ts";
import { readAll } from "../shared/alerts/read-alert.ts";
import { corpus } from "../test/fuzz/corpus.ts";

const warmUp = 40;
const rounds = 61;
const copiesPerRound = 25;
/** No round sees a text that one of the ten before it saw. */
const differentRounds = 10;

interface Payload {
  name: string;
  family: string;
  copies: string[];
  /** The JSON in the strings of each copy, which parsing the copy leaves alone. */
  inner: string[][];
}

/** Milliseconds for one copy. */
interface Cost {
  parsing: number;
  reading: number;
  inner: number;
}

/**
 * What reading alerts costs beside parsing the same bytes. Each text is parsed and what came of it read, one payload after another of all
 * families, as they arrive; no two of the texts have an address, an id or a fraction of a second in common. Garbage is collected as it falls.
 */
export function measureNormalising(): void {
  const payloads = corpus().map(({ name, text }) => preparePayload(name, text));
  const clock = costOfLookingAtTheClock();
  const byPayload = payloads.map((): Cost[] => []);
  const byRound: Cost[] = [];
  for (let round = -warmUp; round < rounds; round++) {
    const costs = measureRound(payloads, (round + warmUp) % differentRounds, clock);
    if (round < 0) continue;
    for (const [index, cost] of costs.entries()) byPayload[index]?.push(cost);
    byRound.push(sumOf(costs));
  }
  const { parsing, reading } = medianOf(byRound);
  console.log(
    `normalising ${payloads.length} payloads: ${inTimes(reading, parsing)} JSON.parse of the same bytes ` +
      `(${inMicroseconds(reading / payloads.length)} against ${inMicroseconds(parsing / payloads.length)} each)`,
  );
  const measured = payloads.map(({ name, family }, index) => ({
    name,
    family,
    cost: medianOf(byPayload[index] ?? []),
  }));
  for (const [family, members] of Map.groupBy(measured, (payload) => payload.family)) tellFamily(family, members);
}

function tellFamily(family: string, members: readonly { name: string; cost: Cost }[]): void {
  const all = sumOf(members.map(({ cost }) => cost));
  const [worst] = members.toSorted((one, other) => ratioOf(other.cost) - ratioOf(one.cost));
  if (!worst) return;
  const { parsing, reading, inner } = worst.cost;
  const ofInner =
    inner === 0
      ? ""
      : `; ${inTimes(reading, parsing + inner)} with the ${inMicroseconds(inner)} for JSON in its strings`;
  console.log(
    `  ${family}: ${inTimes(all.reading, all.parsing)} over ${members.length}; worst ${inTimes(reading, parsing)} ` +
      `(${inMicroseconds(reading)} against ${inMicroseconds(parsing)}${ofInner}), ${worst.name}`,
  );
}

function preparePayload(name: string, text: string): Payload {
  // As products send it: without the blanks that make parsing slow.
  const compact = JSON.stringify(JSON.parse(text));
  const copies = Array.from({ length: copiesPerRound * differentRounds }, (_, copy) => changed(compact, copy));
  const expected = outcomeOf(compact);
  for (const copy of copies)
    if (outcomeOf(copy) !== expected) throw new Error(`${name}: a copy reads otherwise than what it was made of`);
  const family = readAll(JSON.parse(compact))[0]?.family ?? "unknown";
  return { name, family, copies, inner: copies.map((copy) => innerJson(JSON.parse(copy))) };
}

function outcomeOf(text: string): string {
  return readAll(JSON.parse(text))
    .map(({ family, reading }) => `${family} ${Object.keys(reading)}`)
    .join();
}

/** The same payload with other addresses, ids, hashes and fractions of seconds; what was the same in two places still is. */
function changed(text: string, copy: number): string {
  return text
    .replaceAll(/\b(\d{1,3}\.\d{1,3}\.\d{1,3}\.)(\d{1,3})\b/g, (_, net, host) => net + ((Number(host) + copy) % 256))
    .replaceAll(/[0-9a-f]*[1-9][0-9a-f]*/gi, (digits) => (digits.length < 6 ? digits : counted(digits, copy)));
}

/** Adds to each of the last digits by itself, so that what was different stays so. */
function counted(digits: string, copy: number): string {
  const base = /^\d+$/.test(digits) ? 10 : 16;
  const tail = Array.from(digits.slice(-4), (digit, at) =>
    ((Number.parseInt(digit, base) + Math.floor(copy / base ** (3 - at))) % base).toString(base),
  ).join("");
  return digits.slice(0, -4) + (digits === digits.toUpperCase() ? tail.toUpperCase() : tail);
}

function innerJson(value: unknown): string[] {
  if (typeof value === "string") return /^\s*[[{]/.test(value) && isJson(value) ? [value] : [];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(innerJson) : [];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function measureRound(payloads: readonly Payload[], part: number, clock: number): Cost[] {
  const costs = payloads.map((): Cost => ({ parsing: -clock, reading: -clock, inner: 0 }));
  for (let copy = part * copiesPerRound; copy < (part + 1) * copiesPerRound; copy++) {
    for (const [index, { copies, inner }] of payloads.entries()) {
      const cost = costs[index];
      const text = copies[copy];
      if (!cost || text === undefined) throw new Error("there is a copy of each payload for each round");
      const began = performance.now();
      const body: unknown = JSON.parse(text);
      const parsed = performance.now();
      readWhole(body);
      const read = performance.now();
      cost.parsing += (parsed - began) / copiesPerRound;
      cost.reading += (read - parsed) / copiesPerRound;
      for (const one of inner[copy] ?? []) JSON.parse(one);
      if (inner[copy]?.length) cost.inner += (performance.now() - read - clock) / copiesPerRound;
    }
  }
  return costs;
}

/** Everything that makes alerts of a body: records of a stream are none before they are joined. */
function readWhole(body: unknown): void {
  const records: Json[] = [];
  for (const { reading } of readAll(body)) if ("part" in reading) records.push(reading.part.record);
  if (records.length > 0) joinStream(records);
}

/** It is in every measurement, and not small beside parsing some hundred bytes. */
function costOfLookingAtTheClock(): number {
  const looks = 1_000_000;
  const began = performance.now();
  for (let look = 0; look < looks; look++) performance.now();
  return (performance.now() - began) / looks;
}

function sumOf(costs: readonly Cost[]): Cost {
  const sum = { parsing: 0, reading: 0, inner: 0 };
  for (const { parsing, reading, inner } of costs) {
    sum.parsing += parsing;
    sum.reading += reading;
    sum.inner += inner;
  }
  return sum;
}

function medianOf(costs: readonly Cost[]): Cost {
  const median = (part: keyof Cost) =>
    costs.map((cost) => cost[part]).toSorted((one, other) => one - other)[Math.floor(costs.length / 2)] ?? Number.NaN;
  return { parsing: median("parsing"), reading: median("reading"), inner: median("inner") };
}

function ratioOf({ reading, parsing }: Cost): number {
  return reading / parsing;
}

function inTimes(reading: number, parsing: number): string {
  return `${(reading / parsing).toFixed(2)}×`;
}

function inMicroseconds(milliseconds: number): string {
  return `${(milliseconds * 1000).toFixed(1)} µs`;
}
