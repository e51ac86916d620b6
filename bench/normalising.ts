import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readAll } from "../shared/alerts/read-alert.ts";

const folder = join(import.meta.dirname, "../local/scenarios/alerts");
const rounds = 40;
const copies = 200;

/**
 * What reading alerts costs beside parsing the same bytes, both in one run and in turns. Every copy is parsed anew: nothing that was
 * kept for one payload helps the next.
 */
export function measureNormalising(): void {
  const texts = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
  const ratios = texts.map(({ name, text }) => ({ name, ...compare([text]) }));
  const { parsing, reading } = compare(texts.map(({ text }) => text));
  const worst = ratios.reduce((one, other) =>
    other.reading / other.parsing > one.reading / one.parsing ? other : one,
  );
  const times = (value: number) => `${value.toFixed(2)}×`;
  console.log(
    `normalising, ${texts.length} payloads of all families: ${times(reading / parsing)} JSON.parse of the same bytes ` +
      `(${(reading / copies / texts.length).toFixed(4)} ms against ${(parsing / copies / texts.length).toFixed(4)} ms each); ` +
      `dearest ${worst.name} ${times(worst.reading / worst.parsing)}`,
  );
}

/** Milliseconds of the median round for all copies of all texts. */
function compare(texts: readonly string[]): { parsing: number; reading: number } {
  const parsing: number[] = [];
  const reading: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const bodies: unknown[] = [];
    const began = performance.now();
    for (let copy = 0; copy < copies; copy++) for (const text of texts) bodies.push(JSON.parse(text));
    const parsed = performance.now();
    for (const body of bodies) readAll(body);
    parsing.push(parsed - began);
    reading.push(performance.now() - parsed);
  }
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  return { parsing: median(parsing.slice(5)), reading: median(reading.slice(5)) };
}
