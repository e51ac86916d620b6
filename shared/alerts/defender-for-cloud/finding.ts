import type { Alert, Family, Source } from "../alert.ts";
import { alertKey } from "../alert-key.ts";
import { clip, descriptionLimit, fewest, titleLimit } from "../clip.ts";
import { createEntities, type Entities } from "../entities.ts";
import { type Json, text } from "../fields.ts";
import { readInstant } from "../instant.ts";
import { readSeverity, severityWords } from "../read-severity.ts";
import { type Reading, refused } from "../reading.ts";
import { isSampleAlert } from "../sample-alert.ts";

/** A field as one shape has it, with the name that a refusal calls it by. */
export interface Named {
  name: string;
  value: string | undefined;
}

/** What every Defender for Cloud shape says, each in its own place. */
export interface Finding {
  family: Family;
  source: Source;
  productId: Named;
  type: Named;
  title: Named;
  description: string | undefined;
  severity: Named;
  status: Named;
  raisedAt: string | undefined;
  /** Where `raisedAt` was looked for. */
  times: readonly string[];
  incident: boolean;
  tactics: readonly string[];
  techniques: readonly string[];
  references: Alert["references"];
  /** `type` is that of the alert, which decides whose an account is. */
  gather(entities: Entities, type: string, notes: string[]): void;
}

// A map, because an object would also answer for "constructor".
const statuses: ReadonlyMap<string, Alert["status"]> = new Map([
  ["active", "new"],
  ["new", "new"],
  ["inprogress", "inProgress"],
  ["resolved", "resolved"],
  ["dismissed", "dismissed"],
]);

export function toReading(finding: Finding): Reading {
  const { family, source, references } = finding;
  const productId = finding.productId.value;
  if (!productId)
    return refused(`${finding.productId.name} is missing: without it the alert cannot be told from its repetitions`);
  const fullType = finding.type.value;
  if (!fullType) return refused(`${finding.type.name} is missing: no playbook can be chosen`);
  const severity = readSeverity(finding.severity.value);
  if (!severity) return refused(`${finding.severity.name} is not one of ${severityWords}`);
  const status = statuses.get((finding.status.value ?? "new").toLowerCase());
  if (!status) return refused(`${finding.status.name} is not one that Defender for Cloud documents`);
  const { raisedAt } = finding;
  if (!raisedAt) return refused(`none of ${finding.times.join(", ")} is a time`);

  const notes: string[] = [];
  // Portal samples are typed like the alerts that they are samples of.
  const type = clip(fullType.replace(/^SIMULATED_/i, ""), titleLimit, finding.type.name, notes);
  const title = finding.title.value ?? fullType;
  const description = finding.description ?? "";
  const entities = createEntities(notes);
  finding.gather(entities, type, notes);
  return {
    alert: {
      key: alertKey(source, productId),
      source,
      family,
      productId: clip(productId, titleLimit, finding.productId.name, notes),
      type,
      title: clip(title, titleLimit, finding.title.name, notes),
      description: clip(description, descriptionLimit, "description", notes),
      severity,
      status,
      sample: isSampleAlert({ type: fullType, title, description }),
      incident: finding.incident,
      members: [],
      tactics: tacticsIn(finding.tactics),
      techniques: [...finding.techniques],
      raisedAt,
      references,
      entities: entities.all(),
      notes: fewest(notes),
    },
  };
}

/** The first of these fields that is a time. */
export function firstInstant(body: Json, names: readonly string[]): string | undefined {
  for (const name of names) {
    const instant = readInstant(text(body, name));
    if (instant) return instant;
  }
  return undefined;
}

/** One value, a comma list (`LateralMovement, Execution`) or JSON in a string (`["Persistence"]`); the docs also write `Initial access`. */
function tacticsIn(texts: readonly string[]): string[] {
  const [only, another] = texts;
  if (only === undefined) return [];
  if (another === undefined && /^(?!Unknown$)[A-Z][A-Za-z]{0,39}$/.test(only)) return [only];
  const found = new Set<string>();
  for (const one of texts) {
    for (const part of one.length > 1024 ? [] : one.split(/[,;"[\]]/)) {
      const tactic = part.trim().replaceAll(/(?:^|[\s_-]+)(\w?)/g, (_, next: string) => next.toUpperCase());
      if (/^[A-Za-z]{1,40}$/.test(tactic) && tactic.toLowerCase() !== "unknown") found.add(tactic);
    }
  }
  return [...found];
}
