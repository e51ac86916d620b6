import { parseArgs } from "node:util";
import fc from "fast-check";
import { corpus } from "./corpus.ts";
import { checkReading } from "./invariants.ts";
import { mutatedPayload } from "./mutate.ts";

// npm run fuzz: reads mutated payloads for some minutes. A failure prints the seed and the shrunk payload, and exits 1.
const { values } = parseArgs({ options: { seconds: { type: "string", default: "300" }, seed: { type: "string" } } });
const seconds = Number(values.seconds);
const seed = values.seed === undefined ? Date.now() | 0 : Number(values.seed);
const { gc } = globalThis;
if (!gc) throw new Error("start it with node --expose-gc: what reading keeps is seen only after a collection");

/** Bytes that may be kept more at the end than after the first payloads: what reading remembers has a bound, and so has this. */
const growthLimit = 16 * 2 ** 20;
const firstPayloads = 2_000;

let runs = 0;
let alerts = 0;
let atFirst: number | undefined;
const began = Date.now();
const outcome = fc.check(
  fc.property(mutatedPayload(corpus().map(({ text }) => text)), (text) => {
    runs++;
    alerts += checkReading(text);
    if (runs === firstPayloads) atFirst = retained();
  }),
  {
    seed,
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: seconds * 1000,
    markInterruptAsFailure: false,
    endOnFailure: false,
  },
);
const took = Math.round((Date.now() - began) / 1000);
const atLast = retained();
const grown = atLast - (atFirst ?? atLast);
console.log(
  `${runs} payloads in ${took} s, ${alerts} alerts, ${inMebibytes(atLast)} kept after a collection ` +
    `(${inMebibytes(grown)} more than after ${firstPayloads} payloads), seed ${seed}`,
);
if (grown > growthLimit) {
  console.error(`failed: memory grew by more than ${inMebibytes(growthLimit)}`);
  process.exitCode = 1;
}
if (outcome.failed) {
  console.error(`failed: ${outcome.errorInstance instanceof Error ? outcome.errorInstance.message : "unknown"}`);
  console.error(`payload: ${String(outcome.counterexample?.[0]).slice(0, 4_000)}`);
  process.exitCode = 1;
}

function retained(): number {
  gc?.();
  return process.memoryUsage().heapUsed;
}

function inMebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
