import { embeddedTexts } from "../embedded-json.ts";
import { createEntities } from "../entities.ts";
import { isObject, type Json, text, value } from "../fields.ts";
import { readInstant } from "../instant.ts";
import { payloadDigest } from "../payload-digest.ts";
import { sourceOfProduct } from "../products.ts";
import type { Reading, StreamPart } from "../reading.ts";
import { evidenceColumns, readStreamEvidence } from "./stream-evidence.ts";
import { readXdrAlert } from "./xdr-alert.ts";

/** Every table that alerts are made of starts so. */
export const alertTables = "advancedhunting-alert";

interface Part {
  kind: StreamPart["kind"];
  properties: Json;
  /** As it is spelled, which is the same way in all records of an alert: to be ordered by it needs no clock. */
  timestamp: string;
}

/**
 * One alert out of the records that share its AlertId. The stream repeats and reorders, so the same records give the same alert in
 * whatever order and number they came. AlertInfo may be late or lost: newer AlertEvidence carries what it says.
 */
export function joinStream(records: readonly Json[]): Reading {
  const entities = createEntities();
  const parts = orderedParts(records);
  const ids = new Set(parts.map(({ properties }) => text(properties, "AlertId")));
  if (parts.length === 0) return { refused: "there is no AlertInfo and no AlertEvidence in it" };
  if (ids.size > 1) return { refused: `the records belong to ${ids.size} alerts, not to one` };

  // What is said twice is taken from AlertInfo, and from the latest of several.
  const newest = parts.toReversed();
  const [infos, evidence] = [
    newest.filter(({ kind }) => kind === "info"),
    newest.filter(({ kind }) => kind !== "info"),
  ];
  const tellers = [...infos, ...evidence];
  readStreamEvidence(evidence.map(({ properties }) => properties).reverse(), entities);
  if (evidence.length === 0) entities.notes.push("no AlertEvidence has arrived: the alert names nobody");
  return readXdrAlert({
    family: "xdr-stream",
    source: sourceOfProduct(tellers.map(({ properties }) => text(properties, "ServiceSource"))),
    body: bodyOf(tellers, [...infos.toReversed(), ...evidence.toReversed()]),
    at: "",
    ids: ["AlertId"],
    raisedAt: ["Timestamp"],
    updatedAt: "",
    techniques: textsOf(parts, ["AttackTechniques"]),
    categories: textsOf(tellers, ["Category", "Categories"]),
    entities,
  });
}

/** In an order that their arrival has no part in, each once: the envelope's times differ from delivery to delivery. */
function orderedParts(records: readonly Json[]): Part[] {
  return records
    .flatMap((record): Part[] => {
      const kind = kindOf(record);
      const properties = value(record, "properties");
      if (!kind || !isObject(properties)) return [];
      return [{ kind, properties, timestamp: text(properties, "Timestamp") ?? "" }];
    })
    .sort(compareParts)
    .filter((part, index, sorted) => {
      const before = sorted[index - 1];
      return before === undefined || compareParts(before, part) !== 0;
    });
}

function compareParts(one: Part, other: Part): number {
  const order = compare(one.kind, other.kind) || compare(one.timestamp, other.timestamp);
  if (order !== 0) return order;
  for (const name of readColumns) {
    const said = value(one.properties, name);
    const otherSaid = value(other.properties, name);
    if (said !== otherSaid) {
      const byColumn = compare(inWords(said), inWords(otherSaid));
      if (byColumn !== 0) return byColumn;
    }
  }
  return 0;
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function inWords(said: unknown): string {
  return typeof said === "object" && said !== null ? payloadDigest(said) : String(said ?? "");
}

/** Every column that is read; first what tells one record from another soonest. */
const readColumns = [
  "EntityType",
  ...evidenceColumns,
  "EvidenceRole",
  "Timestamp",
  "AlertId",
  "Title",
  "Severity",
  "Category",
  "Categories",
  "AttackTechniques",
  "ServiceSource",
];

/** The texts of columns that hold lists as JSON text, mostly the same in every record. */
function textsOf(parts: readonly Part[], columns: readonly string[]): string[] {
  const said = new Set(parts.flatMap(({ properties }) => columns.map((name) => value(properties, name))));
  return [...new Set([...said].flatMap(embeddedTexts))];
}

/** What the parts say together, as one body. `byTime`: first AlertInfo, then the evidence, as alerts are raised once: by the first of these. */
function bodyOf(tellers: readonly Part[], byTime: readonly Part[]): Json {
  const body: Json = {};
  for (const name of ["AlertId", "Title", "Severity"]) {
    const teller = tellers.find(({ properties }) => text(properties, name));
    body[name] = teller && value(teller.properties, name);
  }
  body.Timestamp = byTime.find(({ timestamp }) => readInstant(timestamp))?.timestamp;
  return body;
}

export function kindOf(record: Json): StreamPart["kind"] | undefined {
  const category = text(record, "category")?.toLowerCase();
  if (category === `${alertTables}info`) return "info";
  return category === `${alertTables}evidence` ? "evidence" : undefined;
}
