import type { ExpectedReading } from "../../../support/expected-reading.ts";

export const expected: Readonly<Record<string, readonly ExpectedReading[]>> = {
  "panther_alert_evidence_event.json": [
    { part: { alertId: "sn34c87846-505a-4c84-b125-44bce1202df4", kind: "evidence" } },
  ],
};
