import { parseArgs } from "node:util";
import fc from "fast-check";
import { corpus } from "./corpus.ts";
import { checkReading } from "./invariants.ts";
import { mutatedPayload } from "./mutate.ts";

// npm run fuzz: reads mutated payloads for some minutes. A failure prints the seed and the shrunk payload, and exits 1.
const { values } = parseArgs({ options: { seconds: { type: "string", default: "300" }, seed: { type: "string" } } });
const seconds = Number(values.seconds);
const seed = values.seed === undefined ? Date.now() | 0 : Number(values.seed);

let runs = 0;
let alerts = 0;
let peak = 0;
const began = Date.now();
const outcome = fc.check(
  fc.property(mutatedPayload(corpus()), (text) => {
    runs++;
    alerts += checkReading(text);
    if (runs % 1_000 === 0) peak = Math.max(peak, process.memoryUsage().heapUsed);
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
console.log(
  `${runs} payloads in ${took} s, ${alerts} alerts, highest heap seen ${Math.round(peak / 2 ** 20)} MiB, seed ${seed}`,
);
if (outcome.failed) {
  console.error(`failed: ${outcome.errorInstance instanceof Error ? outcome.errorInstance.message : "unknown"}`);
  console.error(`payload: ${String(outcome.counterexample?.[0]).slice(0, 4_000)}`);
  process.exitCode = 1;
}
