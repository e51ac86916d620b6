import { type Containment, isWanted } from "../ledger/containment.ts";
import type { Responder } from "../responders/responder.ts";
import { FragmentTooLarge, renderFragment } from "./fragment-document.ts";
import { checkEntry, type FragmentEntry, type SeenAs } from "./fragment-entry.ts";
import type { FragmentLimits } from "./fragment-limits.ts";

export interface DesiredFragment {
  xml: string;
  /** Containments that cannot be written, with the reason: one bad entry would keep all the others from being written. */
  unwritable: ReadonlyMap<string, string>;
}

/** What holds at one service, whatever the ledger asks for. */
export interface FragmentConditions {
  limits: FragmentLimits;
  seenAs?: SeenAs;
}

/** The fragment that the ledger asks for at this moment. */
export function desiredFragment(
  containments: readonly Containment[],
  responders: ReadonlyMap<string, Responder>,
  now: Date,
  conditions: FragmentConditions,
): DesiredFragment {
  const unwritable = new Map<string, string>();
  // When there is no room for all, the most severe come first, and among equals the oldest: what stands already stays.
  const ordered = containments.toSorted(
    (a, b) => b.priority - a.priority || a.requestedAt.localeCompare(b.requestedAt) || a.id.localeCompare(b.id),
  );
  const writable = ordered.flatMap((containment) => {
    if (!isWanted(containment, now)) return [];
    const entries = entriesOf(containment, responders, now, conditions);
    if (!("cannot" in entries)) return [{ id: containment.id, entries }];
    unwritable.set(containment.id, entries.cannot);
    return [];
  });
  const { xml, room, full } = renderWhatFits(
    writable.map(({ entries }) => entries),
    conditions.limits.maxBytes,
  );
  for (const { id } of writable.slice(room)) unwritable.set(id, full);
  return { xml, unwritable };
}

/** The entries of as many of the first containments as the fragment takes, and why of no more. */
function renderWhatFits(
  containments: readonly (readonly FragmentEntry[])[],
  maxBytes: number,
): { xml: string; room: number; full: string } {
  let full = "";
  const render = (count: number): string | undefined => {
    try {
      return renderFragment(containments.slice(0, count).flat(), maxBytes);
    } catch (error) {
      if (!(error instanceof FragmentTooLarge)) throw error;
      full ||= error.message;
      return undefined;
    }
  };
  const whole = render(containments.length);
  if (whole !== undefined) return { xml: whole, room: containments.length, full };
  let room = 0;
  for (let tooMany = containments.length; tooMany - room > 1; ) {
    const middle = Math.floor((room + tooMany) / 2);
    if (render(middle) === undefined) tooMany = middle;
    else room = middle;
  }
  return { xml: renderFragment(containments.slice(0, room).flat(), maxBytes), room, full };
}

/** Mostly one; several where owners wish for what cannot be compared. */
function entriesOf(
  { responder: id, target, owners }: Containment,
  responders: ReadonlyMap<string, Responder>,
  now: Date,
  { limits, seenAs }: FragmentConditions,
): FragmentEntry[] | { cannot: string } {
  const responder = responders.get(id);
  if (responder?.point !== "apim-fragment") return { cannot: `there is no responder ${id} any more` };
  if (target.kind !== "api-caller") return { cannot: `${id} has no target of the kind ${target.kind}` };
  const wishes = owners.filter(({ expiresAt }) => Date.parse(expiresAt) > now.getTime()).map(({ params }) => params);
  try {
    const comparable = Map.groupBy(wishes, (wish) => responder.apart?.(wish) ?? "");
    const entries = [...comparable.values()].map((some) => responder.entry(target, some, seenAs));
    for (const entry of entries) {
      checkEntry(entry);
      const refused = limits.refuses(entry);
      if (refused !== undefined) return { cannot: refused };
    }
    return entries;
  } catch (error) {
    return { cannot: error instanceof Error ? error.message : "the entry cannot be written" };
  }
}
