import type { ExpectedReading } from "../../../support/expected-reading.ts";

const unknown: ExpectedReading = { refused: /no known alert family/, unknownShape: true };

/** What is in the envelopes, each event for itself. */
export const expected: Readonly<Record<string, readonly ExpectedReading[]>> = {
  "cloudevent_blobcreated_envelope.json": [unknown],
  "dead_letter_cloudevent.json": [unknown],
  "dead_letter_eventgrid_schema.json": [unknown],
  "malware_scanning_result_malicious_eventgrid_schema.json": [
    {
      alert: {
        source: "defender-for-cloud",
        family: "malware-scan",
        productId: "aaaa0000-bb11-2222-33cc-444444dddddd",
        type: "MalwareScanningResult",
        // The event has neither: the words are ours.
        title: /\S/,
        description: /EICAR/,
        severity: "High",
        status: "new",
        // It found EICAR and nothing else.
        sample: true,
        incident: false,
        members: [],
        tactics: [],
        techniques: [],
        raisedAt: "2023-05-04T11:31:54.048Z",
        references: {},
        entities: [
          {
            kind: "blob",
            role: "victim",
            uri: "https://<storage_account_name>.blob.core.windows.net/app-logs-storage/EICAR - simulating malware.txt",
            at: ["blobUri"],
          },
        ],
        // Its "sha256" has 40 digits, so it is none.
        notes: { mention: [/sha256/i], atMost: 1 },
      },
    },
  ],
  // Of the retired API: an id, with nothing to read it from.
  "partner_microsoft_graph_alertcreated_cloudevent.json": [{ refused: /\S/ }],
  "subscription_validation_event.json": [{ ignored: /handshake|validation/i }],
};
