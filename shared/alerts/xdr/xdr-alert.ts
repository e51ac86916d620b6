import type { Alert, Family, Severity, Source } from "../alert.ts";
import { alertKey } from "../alert-key.ts";
import { clip, descriptionLimit, fewest, titleLimit } from "../clip.ts";
import { type Json, meant, text, value } from "../fields.ts";
import { readTechniques } from "../ids.ts";
import { readInstant } from "../instant.ts";
import { readSeverity, severityWords } from "../read-severity.ts";
import { type Reading, refused } from "../reading.ts";
import { isSampleAlert } from "../sample-alert.ts";
import type { Findings } from "./findings.ts";

/** Where one of the shapes of Graph, Endpoint and XDR keeps what all of them say under the same names. */
export interface XdrShape {
  family: Family;
  source: Source;
  body: Json;
  /** Path of `body` in what arrived, with a dot at its end, or nothing. */
  at: string;
  /** The product's id, of several the first that there is. */
  ids: readonly string[];
  raisedAt: readonly string[];
  updatedAt: string;
  techniques: readonly string[];
  /** Categories besides `category`, in shapes that have several. */
  categories?: readonly string[];
  references?: Alert["references"];
  findings: Findings;
}

/** Documented words for "no severity". The lowest is the one that the fewest playbooks act upon. */
const unratedWords = new Set(["unspecified", "unknownfuturevalue"]);

// Maps, because an object would also answer for "constructor".
const statuses: ReadonlyMap<string, Alert["status"]> = new Map([
  ["new", "new"],
  // The incidents API documents "Active" where it sends "InProgress".
  ["active", "inProgress"],
  ["inprogress", "inProgress"],
  ["resolved", "resolved"],
]);

const classifications: ReadonlyMap<string, Alert["classification"]> = new Map([
  ["falsepositive", "false-positive"],
  ["truepositive", "true-positive"],
  ["informationalexpectedactivity", "benign"],
  ["benignpositive", "benign"],
]);

/** Categories that are tactics of ATT&CK (https://attack.mitre.org/tactics/enterprise/); others ("Malware") are not. */
const tactics = new Set([
  "reconnaissance",
  "resourcedevelopment",
  "initialaccess",
  "execution",
  "persistence",
  "privilegeescalation",
  "defenseevasion",
  "credentialaccess",
  "discovery",
  "lateralmovement",
  "collection",
  "commandandcontrol",
  "exfiltration",
  "impact",
]);

/** What playbooks match where the product gave no category. */
const uncategorized = "Unknown";

export function readXdrAlert(shape: XdrShape): Reading {
  const { family, source, body, at, findings } = shape;
  const { notes } = findings;
  const productId = firstOf(shape.ids, (name) => text(body, name));
  if (!productId)
    return refused(
      `${at}${shape.ids.join(` and ${at}`)} missing: the alert cannot be told from its repetitions`,
      family,
    );
  const status = statuses.get((text(body, "status") ?? "new").toLowerCase());
  if (!status) return refused(`${at}status is not one that is documented`, family);
  const severity = severityOf(body, at, notes);
  if (!severity) return refused(`${at}severity is not one of ${severityWords}`, family);
  const raisedAt = firstOf(shape.raisedAt, (name) => readInstant(text(body, name)));
  if (!raisedAt) return refused(`none of ${shape.raisedAt.map((name) => at + name).join(", ")} is a time`, family);

  const category = text(body, "category") ?? shape.categories?.[0];
  if (!category) notes.push(`${at}category is not given: the type is ${uncategorized}`);
  const title = text(body, "title") ?? category ?? uncategorized;
  const description = text(body, "description") ?? "";
  const classification = classifications.get((text(body, "classification") ?? "").toLowerCase());
  const updatedAt = readInstant(text(body, shape.updatedAt));
  return {
    alert: {
      key: alertKey(source, withoutSource(productId)),
      source,
      family,
      productId: clip(productId, titleLimit, "the alert's id", notes),
      type: clip(category ?? uncategorized, titleLimit, "category", notes),
      title: clip(title, titleLimit, "title", notes),
      description: clip(description, descriptionLimit, "description", notes),
      severity,
      status,
      ...(classification && { classification }),
      sample: isSampleAlert({ type: category, title, description }),
      incident: false,
      members: [],
      tactics: [...new Set(shape.categories ?? (category ? [category] : []))].filter((name) =>
        tactics.has(name.toLowerCase()),
      ),
      techniques: readTechniques(shape.techniques),
      raisedAt,
      ...(updatedAt && { updatedAt }),
      references: { ...shape.references, ...incidentOf(body) },
      entities: findings.entities.all(),
      notes: fewest(notes),
    },
  };
}

function firstOf(names: readonly string[], read: (name: string) => string | undefined): string | undefined {
  for (const name of names) {
    const found = read(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * XDR puts two letters for the source before the id that the product gave ("da" Endpoint, "fa" Office 365, "sn" Sentinel): Graph's `id`
 * and the stream's `AlertId` are "da09e47ccc-…_1" where Graph's `providerAlertId` is "09e47ccc-…_1". Ids that do not go on with a
 * GUID ("da637551227677560813_-961444813") are the product's own as they stand.
 */
function withoutSource(productId: string): string {
  return productId.replace(/^[a-z]{2}(?=[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:_\d+)?$)/i, "");
}

function severityOf(body: Json, at: string, notes: string[]): Severity | undefined {
  const given = text(body, "severity")?.toLowerCase();
  if (given !== undefined && !unratedWords.has(given)) return readSeverity(given);
  notes.push(`${at}severity is not given: read as Informational`);
  return "Informational";
}

/** A number in Endpoint and the incidents API, a text in Graph. */
function incidentOf(body: Json): { incidentId?: string } {
  const raw = value(body, "incidentId");
  const incidentId = typeof raw === "number" ? String(raw) : meant(raw);
  return incidentId && incidentId.length <= 128 ? { incidentId } : {};
}
