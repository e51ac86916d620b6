import type { ExpectedReading } from "../../../support/expected-reading.ts";

/** Answers to requests of ours. */
const action: ExpectedReading = { ignored: /action on a machine|machine action/i };

export const expected: Readonly<Record<string, readonly ExpectedReading[]>> = {
  "mde_machine_action_isolate_pending.json": [action],
  "mde_machine_action_succeeded.json": [action],
};
