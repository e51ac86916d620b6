import { type Alert, Severity } from "./alert.ts";
import { createWords } from "./words.ts";

export const readSeverity = createWords<Severity>(Severity.enum);

/** For refusals: `Informational, Low, Medium, High` */
export const severityWords = Severity.options.join(", ");

type Status = Alert["status"];

/** All products' words but one. */
const readUnambiguous = createWords<Status>({
  New: "new",
  Open: "new",
  InProgress: "inProgress",
  Investigating: "inProgress",
  Resolved: "resolved",
  Closed: "resolved",
  Dismissed: "dismissed",
});

/** `active`: to Defender for Cloud an alert that nobody has touched is "Active", to Sentinel and XDR one that somebody is at. */
export function readStatus(word: string | undefined, active: "new" | "inProgress"): Status | undefined {
  if (word === undefined) return "new";
  return readUnambiguous(word) ?? (word.toLowerCase() === "active" ? active : undefined);
}

export const readClassification = createWords<NonNullable<Alert["classification"]>>({
  falsePositive: "false-positive",
  truePositive: "true-positive",
  informationalExpectedActivity: "benign",
  benignPositive: "benign",
});
