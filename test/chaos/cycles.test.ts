import { it } from "vitest";
import { cases, everything } from "../contract/cases.ts";
import { runCycles } from "../contract/cycles.ts";

it.each(cases.map((one) => [one.responder, JSON.stringify(one.params ?? {}), one] as const))(
  "%s %s comes about and is taken back two hundred times although one call in five goes wrong",
  async (_, __, one) => {
    await runCycles(one, 200, everything);
  },
  600_000,
);
