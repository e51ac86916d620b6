import type { Alert, Entity, Severity } from "./alert.ts";
import { alertKey } from "./alert-key.ts";
import { readApiEndpoint } from "./api-endpoint.ts";
import { find, isObject, type Json, list, text } from "./fields.ts";
import { findIpEntities } from "./find-ip-entities.ts";
import { readInstant } from "./instant.ts";
import { type Reading, refused } from "./reading.ts";

/** Where one Defender for Cloud shape keeps what all of them say. */
export interface Shape {
  family: "arm-2022-01-01" | "flat";
  body: Json;
  /** Path of `body` in the payload, with a dot at its end: `properties.` or nothing. */
  path: string;
  title: string;
  raisedAt: readonly string[];
}

// Maps, because an object would also answer for "constructor".
const severities: ReadonlyMap<string, Severity> = new Map([
  ["informational", "Informational"],
  ["low", "Low"],
  ["medium", "Medium"],
  ["high", "High"],
]);

const statuses: ReadonlyMap<string, Alert["status"]> = new Map([
  ["active", "new"],
  ["new", "new"],
  ["inprogress", "inProgress"],
  ["resolved", "resolved"],
  ["dismissed", "dismissed"],
]);

/** Titles and descriptions hold attacker-made text of any length; what nobody reads is not carried along. */
const titleLimit = 256;
const descriptionLimit = 2048;
const entityLimit = 100;
const noteLimit = 20;

/** Reads what every Defender for Cloud shape has in common. */
export function readDefenderForCloud({ family, body, path, title, raisedAt }: Shape): Reading {
  const notes: string[] = [];
  const productId = text(body, "systemAlertId");
  const type = text(body, "alertType");
  if (!productId)
    return refused(`${path}systemAlertId is missing: without it the alert cannot be told from its repetitions`);
  if (!type) return refused(`${path}alertType is missing: no playbook can be chosen`);
  // The published schema of the Logic App trigger requires `ReportedSeverity`, defines `Severity`, and has no status at all.
  const severity = severities.get((text(body, "severity") ?? text(body, "reportedSeverity") ?? "").toLowerCase());
  if (!severity) return refused(`${path}severity is not one of ${[...severities.values()].join(", ")}`);
  const status = statuses.get((text(body, "status") ?? "new").toLowerCase());
  if (!status) return refused(`${path}status is not one that Defender for Cloud documents`);
  const raised = raisedAt.map((name) => readInstant(text(body, name))).find((instant) => instant !== undefined);
  if (!raised) return refused(`none of ${raisedAt.map((name) => path + name).join(", ")} is a time`);

  const displayName = text(body, title) ?? type;
  const simulated = /^SIMULATED_/i.test(type);
  const bareType = type.replace(/^SIMULATED_/i, "");
  return {
    alert: {
      key: alertKey("defender-for-cloud", productId),
      source: "defender-for-cloud",
      family,
      productId: clip(productId, titleLimit, "systemAlertId", notes),
      type: clip(bareType, titleLimit, "alertType", notes),
      title: clip(displayName, titleLimit, title, notes),
      description: clip(text(body, "description") ?? "", descriptionLimit, "description", notes),
      severity,
      status,
      sample:
        simulated ||
        /^\[SAMPLE ALERT\]/i.test(displayName) ||
        /^THIS IS A SAMPLE ALERT/i.test(text(body, "description") ?? ""),
      // One enum value or a comma list of them ("LateralMovement, Execution").
      tactics: (text(body, "intent") ?? "")
        .split(",")
        .map((tactic) => tactic.trim())
        .filter((tactic) => /^[A-Za-z]{1,40}$/.test(tactic) && tactic !== "Unknown"),
      raisedAt: raised,
      entities: readEntities(body, path, notes),
      notes: fewest(notes),
    },
  };
}

function readEntities(body: Json, path: string, notes: string[]): Entity[] {
  const extended = find(body, "extendedProperties");
  const properties = {
    key: `${path}${extended?.key ?? "extendedProperties"}`,
    value: isObject(extended?.value) ? extended.value : {},
  };
  const listed = list(body, "entities");
  // What was attacked comes first: an attack from hundreds of addresses must not push it over the limit.
  const entities: Entity[] = [
    ...readEndpoint(properties, notes),
    ...readResources(body, path),
    ...findIpEntities(properties, { key: `${path}${listed.key}`, items: listed.items }, notes),
  ];
  if (entities.length > entityLimit) {
    notes.unshift(`only the first ${entityLimit} of ${entities.length} entities were kept`);
    return entities.slice(0, entityLimit);
  }
  return entities;
}

function readResources(body: Json, path: string): Entity[] {
  const identifiers = list(body, "resourceIdentifiers");
  const fromList = identifiers.items.flatMap((item, index) => {
    const resourceId = isObject(item) ? text(item, "azureResourceId") : undefined;
    return resourceId ? [{ resourceId, foundAt: `${path}${identifiers.key}[${index}]` }] : [];
  });
  const single = find(body, "azureResourceId");
  const singleId = text(body, "azureResourceId");
  const all = singleId ? [...fromList, { resourceId: singleId, foundAt: `${path}${single?.key}` }] : fromList;
  const seen = new Set<string>();
  return all
    .filter(
      ({ resourceId }) =>
        resourceId.length <= 1024 && !seen.has(resourceId.toLowerCase()) && seen.add(resourceId.toLowerCase()),
    )
    .map((found) => ({ kind: "azure-resource", role: "victim", ...found }));
}

function readEndpoint(properties: { key: string; value: Json }, notes: string[]): Entity[] {
  const field = Object.entries(properties.value).find(
    ([key]) => key.replaceAll(/\s/g, "").toLowerCase() === "apiendpoint",
  );
  if (!field) return [];
  const [key, raw] = field;
  const foundAt = `${properties.key}["${key}"]`;
  const endpoint = typeof raw === "string" && raw.length <= 4096 ? readApiEndpoint(raw) : undefined;
  if (!endpoint) {
    notes.push(`${foundAt}: not of the form "METHOD URL", ignored`);
    return [];
  }
  return [{ kind: "api-endpoint", role: "victim", foundAt, ...endpoint }];
}

function fewest(notes: readonly string[]): string[] {
  if (notes.length <= noteLimit) return [...notes];
  return [...notes.slice(0, noteLimit), `and ${notes.length - noteLimit} notes more`];
}

function clip(value: string, limit: number, name: string, notes: string[]): string {
  if (value.length <= limit) return value;
  notes.push(`${name} was cut from ${value.length} to ${limit} characters`);
  return value.slice(0, limit).toWellFormed();
}
