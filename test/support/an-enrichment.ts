import type { Enrichment } from "../../shared/playbooks/facts.ts";

/** Nothing was looked up, but for what is told. */
export function anEnrichment(changes: Partial<Enrichment> = {}): Enrichment {
  return {
    machines: { asked: [] },
    identities: { asked: [] },
    ownAddresses: { asked: [] },
    apiSubscriptions: { asked: [] },
    ...changes,
  };
}
