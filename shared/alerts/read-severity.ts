import { Severity } from "./alert.ts";
import { meant } from "./fields.ts";

const words: ReadonlyMap<string, Severity> = new Map(Severity.options.map((word) => [word.toLowerCase(), word]));

/** A severity in any letter case. */
export function readSeverity(raw: unknown): Severity | undefined {
  return words.get(meant(raw)?.toLowerCase() ?? "");
}

/** For refusals: `Informational, Low, Medium, High` */
export const severityWords = Severity.options.join(", ");
