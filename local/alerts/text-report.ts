import type { Alert } from "../../shared/alerts/alert.ts";
import type { Entity } from "../../shared/alerts/entity.ts";
import { type Reading, reasonOf } from "../../shared/alerts/reading.ts";
import { printableJson } from "../../shared/printable.ts";

/** A reading for people, line by line. What alerts say is escaped: it must not command a terminal. */
export function describeReading(where: string, family: string, reading: Reading): string[] {
  const head = `${plain(where)}  (${family})`;
  if ("alert" in reading) return [head, ...describeAlert(reading.alert).map((line) => `  ${line}`)];
  const kind = "refused" in reading ? "REFUSED" : "ignored" in reading ? "ignored" : "incomplete";
  return [head, `  ${kind}: ${plain(reasonOf(reading))}`];
}

export function summarise(tally: ReadonlyMap<string, number>): string {
  const names: Readonly<Record<string, readonly [one: string, more: string]>> = {
    alert: ["alert", "alerts"],
    fetch: ["to be fetched", "to be fetched"],
    ignored: ["no alert", "no alerts"],
    refused: ["refused", "refused"],
  };
  const counts = [...tally].map(([kind, count]) => `${count} ${names[kind]?.[count === 1 ? 0 : 1] ?? kind}`);
  return counts.length > 0 ? counts.join(", ") : "nothing to read";
}

function describeAlert(alert: Alert): string[] {
  const marks = [alert.sample && "SAMPLE", alert.incident && "incident", alert.classification].filter(Boolean);
  return [
    [alert.source, plain(alert.type), alert.severity, alert.status, ...marks].join(" · "),
    `title      ${plain(alert.title)}`,
    `key        ${alert.key}  (${plain(alert.productId)})`,
    `raised     ${alert.raisedAt}${alert.updatedAt ? `, updated ${alert.updatedAt}` : ""}`,
    ...list("tactics", alert.tactics),
    ...list("techniques", alert.techniques),
    ...alert.entities.map(
      (entity) => `${entity.role.padEnd(10)} ${describeEntity(entity)}   ← ${plain(entity.foundAt)}`,
    ),
    ...alert.notes.map((note) => `note       ${plain(note)}`),
  ];
}

function describeEntity({ kind, role: _role, foundAt: _foundAt, ...details }: Entity): string {
  const known = Object.entries(details).map(([name, value]) => `${name} ${plain(String(value))}`);
  return `${kind}: ${known.join(", ")}`;
}

function list(name: string, values: readonly string[]): string[] {
  return values.length > 0 ? [`${name.padEnd(10)} ${values.map(plain).join(", ")}`] : [];
}

function plain(text: string): string {
  return printableJson(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("\\\\", "\\");
}
