import type { ExpectedReading } from "../../../support/expected-reading.ts";

export const expected: Readonly<Record<string, readonly ExpectedReading[]>> = {
  // A connector flattened `vendorInformation`, so it may be told as the retired shape or as none that is known.
  "asc_adaptive_network_hardening_inbound_ip.json": [{ refused: /retired|no known alert family/ }],
};
