import type { Family, Source } from "../alert.ts";
import { isOutgoingTitle } from "../attack-direction.ts";
import type { Entities } from "../entities.ts";
import { readExtendedProperties } from "../extended-properties.ts";
import { type Json, join, meant, type Placed, text, value } from "../fields.ts";
import { readTechniques } from "../ids.ts";
import { readInstant } from "../instant.ts";
import { makeAlert, type Named, named, namedInstant } from "../make-alert.ts";
import type { Reading } from "../reading.ts";
import { readClassification } from "../severity-and-status.ts";
import { createWords } from "../words.ts";

/** Where one of the shapes of Graph, Endpoint and XDR keeps what all of them say under the same names. */
interface XdrShape {
  family: Family;
  /** Undefined for products that are not known here. */
  source: Source | undefined;
  body: Json;
  /** Path of `body` in what arrived. */
  at: string;
  /** The product's id, of several the first that there is. */
  ids: readonly string[];
  raisedAt: readonly string[];
  updatedAt: string;
  techniques: readonly string[];
  /** Categories besides `category`, in shapes that have several. */
  categories?: readonly string[];
  /** Extended properties, where the shape has room for those of Defender for Cloud. */
  extended?: Placed | undefined;
  references?: { graphId: string | undefined; portal: string | undefined };
  entities: Entities;
}

/** Categories that are tactics of ATT&CK (https://attack.mitre.org/tactics/enterprise/); others ("Malware") are not. */
const isTactic = createWords<true>({
  Reconnaissance: true,
  ResourceDevelopment: true,
  InitialAccess: true,
  Execution: true,
  Persistence: true,
  PrivilegeEscalation: true,
  DefenseEvasion: true,
  CredentialAccess: true,
  Discovery: true,
  LateralMovement: true,
  Collection: true,
  CommandAndControl: true,
  Exfiltration: true,
  Impact: true,
});

/** What playbooks match where the product gave no category. */
const uncategorized = "Unknown";

export function readXdrAlert(shape: XdrShape): Reading {
  const { family, source, body, at, entities } = shape;
  const { notes, threats } = entities;
  if (!source) notes.push(`${join(at, "serviceSource")} is of no product that is known here`);
  const category = text(body, "category") ?? shape.categories?.[0];
  if (!category) notes.push(`${join(at, "category")} is not given: the type is ${uncategorized}`);
  for (const name of ["threatName", "threatFamilyName", "threatDisplayName"]) {
    const threat = text(body, name);
    if (threat !== undefined) threats.push(threat);
  }
  if (source === "defender-for-cloud") readExtended(shape);
  return makeAlert({
    family,
    source: source ?? "other",
    productId: named(body, at, shape.ids),
    type: { at: join(at, "category"), value: category ?? uncategorized },
    title: named(body, at, ["title"]),
    description: text(body, "description"),
    severity: severityOf(body, at, notes),
    status: named(body, at, ["status"]),
    // The incidents API documents "Active" where it sends "InProgress".
    active: "inProgress",
    classification: readClassification(text(body, "classification")),
    raisedAt: namedInstant(body, at, shape.raisedAt),
    updatedAt: readInstant(text(body, shape.updatedAt)),
    tactics: [...new Set(shape.categories ?? (category ? [category] : []))].filter(isTactic),
    techniques: readTechniques(shape.techniques),
    references: { ...shape.references, incidentId: incidentOf(body) },
    entities,
  });
}

/** Alerts of Defender for Cloud have no type here, but bring along what names the attacker and whom it attacked. */
function readExtended({ body, extended, entities }: XdrShape): void {
  entities.outgoing = isOutgoingTitle(text(body, "title") ?? "");
  if (extended) readExtendedProperties(extended.object, extended.at, "victim", entities);
}

/** Documented words for "no severity". The lowest is the one that the fewest playbooks act upon. */
const isUnrated = createWords<true>({ UnSpecified: true, unknownFutureValue: true });

function severityOf(body: Json, at: string, notes: string[]): Named {
  const given = named(body, at, ["severity"]);
  if (given.value !== undefined && !isUnrated(given.value)) return given;
  notes.push(`${given.at} is not given: read as Informational`);
  return { at: given.at, value: "Informational" };
}

/** A number in Endpoint and the incidents API, a text in Graph. */
function incidentOf(body: Json): string | undefined {
  const raw = value(body, "incidentId");
  const incidentId = typeof raw === "number" ? String(raw) : meant(raw);
  return incidentId && incidentId.length <= 128 ? incidentId : undefined;
}
