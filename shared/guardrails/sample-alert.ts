import type { Guardrail } from "./guardrail.ts";

/** Portal samples travel the same way as real alerts and must never act; the way through them is what they are for. */
export const sampleAlert: Guardrail = {
  id: "sample-alert",
  check: ({ alert }) =>
    alert.sample ? { verdict: "observe", reason: "the product marked it a sample alert" } : undefined,
};
