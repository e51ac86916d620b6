import type { Guardrail } from "./guardrail.ts";

/** What cannot be taken back is done when a person asks for it, and by itself only shown. */
export const irreversibleStep: Guardrail = {
  id: "irreversible-step",
  check({ irreversible, chosenByHand = false }) {
    if (irreversible === undefined || chosenByHand) return undefined;
    return {
      verdict: "observe",
      reason: `it cannot be taken back (${irreversible}): run the playbook by hand to do it`,
    };
  },
};
