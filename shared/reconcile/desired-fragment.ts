import { type Containment, isWanted } from "../ledger/containment.ts";
import type { ListResponder } from "../responders/responder.ts";
import { renderFragment } from "./fragment-document.ts";
import { checkEntry, type FragmentEntry } from "./fragment-entry.ts";

export interface DesiredFragment {
  xml: string;
  /** Containments that cannot be written, with the reason: one bad entry would keep all the others from being written. */
  unwritable: ReadonlyMap<string, string>;
}

/** The fragment that the ledger asks for at this moment. */
export function desiredFragment(
  containments: readonly Containment[],
  responders: ReadonlyMap<string, ListResponder>,
  now: Date,
): DesiredFragment {
  const unwritable = new Map<string, string>();
  const entries = containments.flatMap((containment) => {
    if (!isWanted(containment, now)) return [];
    const entry = entryOf(containment, responders, now);
    if (!("cannot" in entry)) return [entry];
    unwritable.set(containment.id, entry.cannot);
    return [];
  });
  return { xml: renderFragment(entries), unwritable };
}

function entryOf(
  { responder: id, target, owners }: Containment,
  responders: ReadonlyMap<string, ListResponder>,
  now: Date,
): FragmentEntry | { cannot: string } {
  const responder = responders.get(id);
  if (!responder) return { cannot: `there is no responder ${id} any more` };
  const wishes = owners.filter(({ expiresAt }) => Date.parse(expiresAt) > now.getTime()).map(({ params }) => params);
  try {
    const entry = responder.entry(target, wishes);
    checkEntry(entry);
    return entry;
  } catch (error) {
    return { cannot: error instanceof Error ? error.message : "the entry cannot be written" };
  }
}
