import type { Alert } from "./alert.ts";

/** What became of a payload: one Alert, or the reason why there is none. */
export type Reading = { alert: Alert } | { refused: string };

export function refused(reason: string): Reading {
  return { refused: reason };
}
