import type { Ask } from "../../shared/azure/ask.ts";
import { createFirewall } from "../../shared/azure/firewall.ts";
import type { Assessor } from "../../shared/response/assess.ts";

/** The planners of everything but the fragment, where nothing but the fragment is planned: whoever asks all the same says so. */
export function asksNothing({
  reconciler: { containments },
  clock,
}: Pick<Assessor, "reconciler" | "clock">): Pick<Assessor, "commands" | "groups"> {
  const ask: Ask = ({ attempt }) => Promise.reject(new Error(`nobody was to ${attempt}`));
  return { commands: { ask, containments, clock }, groups: { firewall: createFirewall(ask) } };
}
