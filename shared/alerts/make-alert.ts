import type { Alert, Family, Source } from "./alert.ts";
import { alertKey } from "./alert-key.ts";
import type { Entities } from "./entities.ts";
import { type Json, join, text } from "./fields.ts";
import { readInstant } from "./instant.ts";
import type { Reading } from "./reading.ts";
import { isEicarTest, isSimulated } from "./sample-alert.ts";
import { readSeverity, readStatus, severityWords } from "./severity-and-status.ts";

/** A text of the payload, and the path that refusals and notes call it by. */
export interface Named {
  at: string;
  value: string | undefined;
}

/** What a family found in a payload, still in the payload's words. */
export interface Finding {
  family: Family;
  source: Source;
  productId: Named;
  /** What playbooks match; a sample's is that of what it is a sample of. */
  type: Named;
  /** Without one the type stands in. */
  title: Named;
  description: string | undefined;
  severity: Named;
  status: Named;
  /** What the word "Active" means to the product. */
  active: "new" | "inProgress";
  classification?: Alert["classification"];
  raisedAt: Named;
  updatedAt?: string | undefined;
  /** Where more than the product's own words tell whether it is a sample. */
  sample?: boolean;
  incident?: boolean;
  members?: string[];
  tactics?: string[];
  techniques?: string[];
  references?: { [Name in keyof Alert["references"]]?: string | undefined };
  entities: Entities;
}

/** Titles and descriptions hold attacker-made text of any length; what nobody reads is not carried along. */
const titleLimit = 256;
const descriptionLimit = 2048;
const noteLimit = 20;

/** The Alert of a finding, checked and cut to what can be carried; or why there is none. */
export function makeAlert(finding: Finding): Reading {
  const { family, source, productId, type, title, description = "", entities } = finding;
  const { notes, threats } = entities;
  if (!productId.value)
    return { refused: `there is no id in ${productId.at}: without one the alert cannot be told from its repetitions` };
  if (!type.value) return { refused: `there is no type in ${type.at}: no playbook can be chosen` };
  const severity = readSeverity(finding.severity.value);
  if (!severity) return { refused: `${finding.severity.at} is not one of ${severityWords}` };
  const status = readStatus(finding.status.value, finding.active);
  if (!status) return { refused: `${finding.status.at} is not one that is known` };
  const raisedAt = finding.raisedAt.value;
  if (!raisedAt) return { refused: `there is no time in ${finding.raisedAt.at}` };

  const words = { type: type.value, title: title.value ?? type.value, description };
  const alert: Alert = {
    key: alertKey(source, productId.value),
    source,
    family,
    productId: clip(productId.value, titleLimit, productId.at, notes),
    type: clip(type.value.replace(/^SIMULATED_/i, ""), titleLimit, type.at, notes),
    title: clip(words.title, titleLimit, title.at, notes),
    description: clip(description, descriptionLimit, "description", notes),
    severity,
    status,
    sample: finding.sample ?? (isSimulated(words) || isEicarTest({ source, threats, ...words })),
    incident: finding.incident ?? false,
    members: finding.members ?? [],
    tactics: finding.tactics ?? [],
    techniques: finding.techniques ?? [],
    raisedAt,
    references: known(finding.references),
    entities: entities.all(),
    notes,
  };
  if (finding.classification) alert.classification = finding.classification;
  if (finding.updatedAt) alert.updatedAt = finding.updatedAt;
  if (notes.length > noteLimit)
    alert.notes = [...notes.slice(0, noteLimit), `and ${notes.length - noteLimit} notes more`];
  return { alert };
}

/** The first of these fields that says something, under its own name; otherwise a refusal names them all. */
export function named(body: Json, at: string, names: readonly string[]): Named {
  for (const name of names) {
    const value = text(body, name);
    if (value !== undefined) return { at: join(at, name), value };
  }
  return noneOf(names, at);
}

/** The first of these fields that is a time. */
export function namedInstant(body: Json, at: string, names: readonly string[]): Named {
  for (const name of names) {
    const value = readInstant(text(body, name));
    if (value !== undefined) return { at: name, value };
  }
  return noneOf(names, at);
}

function noneOf(names: readonly string[], at: string): Named {
  return { at: names.map((name) => join(at, name)).join(" or "), value: undefined };
}

/** The first `limit` characters, with a note of the cut under the name of the field. */
function clip(value: string, limit: number, name: string, notes: string[]): string {
  // Half a surrogate pair, which not every store takes, becomes U+FFFD.
  if (value.length <= limit) return value.toWellFormed();
  notes.push(`${name} was cut from ${value.length} to ${limit} characters`);
  return value.slice(0, limit).toWellFormed();
}

function known(references: Finding["references"] = {}): Alert["references"] {
  const kept: Alert["references"] = {};
  const { armId, graphId, incidentId, portal } = references;
  if (armId) kept.armId = armId;
  if (graphId) kept.graphId = graphId.toWellFormed();
  if (incidentId) kept.incidentId = incidentId.toWellFormed();
  if (portal) kept.portal = portal;
  return kept;
}
