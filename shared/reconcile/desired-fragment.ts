import { type Containment, isWanted } from "../ledger/containment.ts";
import type { ListResponder } from "../responders/responder.ts";
import { FragmentTooLarge, renderFragment } from "./fragment-document.ts";
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
  // Oldest first: when there is no room for all, what stands already stays.
  const ordered = containments.toSorted(
    (a, b) => a.requestedAt.localeCompare(b.requestedAt) || a.id.localeCompare(b.id),
  );
  const writable = ordered.flatMap((containment) => {
    if (!isWanted(containment, now)) return [];
    const entry = entryOf(containment, responders, now);
    if (!("cannot" in entry)) return [{ id: containment.id, entry }];
    unwritable.set(containment.id, entry.cannot);
    return [];
  });
  const { xml, room, full } = renderWhatFits(writable.map(({ entry }) => entry));
  for (const { id } of writable.slice(room)) unwritable.set(id, full);
  return { xml, unwritable };
}

/** As many of the first entries as the fragment takes, and why no more. */
function renderWhatFits(entries: readonly FragmentEntry[]): { xml: string; room: number; full: string } {
  let full = "";
  const render = (count: number): string | undefined => {
    try {
      return renderFragment(entries.slice(0, count));
    } catch (error) {
      if (!(error instanceof FragmentTooLarge)) throw error;
      full ||= error.message;
      return undefined;
    }
  };
  const whole = render(entries.length);
  if (whole !== undefined) return { xml: whole, room: entries.length, full };
  let room = 0;
  for (let tooMany = entries.length; tooMany - room > 1; ) {
    const middle = Math.floor((room + tooMany) / 2);
    if (render(middle) === undefined) tooMany = middle;
    else room = middle;
  }
  return { xml: renderFragment(entries.slice(0, room)), room, full };
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
