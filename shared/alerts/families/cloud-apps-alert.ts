import { addUser } from "../account.ts";
import type { Alert, Severity } from "../alert.ts";
import { createEntities, type Entities } from "../entities.ts";
import type { Role } from "../entity.ts";
import { each, find, isObject, type Json, join, number, text, value } from "../fields.ts";
import { readHostNames, readUpn } from "../ids.ts";
import { readInstant } from "../instant.ts";
import { makeAlert, named } from "../make-alert.ts";
import { readPortalLink } from "../portal-link.ts";
import type { Reading } from "../reading.ts";

// The numbers are those of https://learn.microsoft.com/defender-cloud-apps/api-alerts
const severities: readonly (Severity | undefined)[] = ["Low", "Medium", "High", "Informational"];
const tactics: readonly (string | undefined)[] = [
  undefined,
  "PreAttack",
  "InitialAccess",
  "Persistence",
  "PrivilegeEscalation",
  "DefenseEvasion",
  "CredentialAccess",
  "Discovery",
  "LateralMovement",
  "Execution",
  "Collection",
  "Exfiltration",
  "CommandAndControl",
  "Impact",
];
interface Resolution {
  /** A word for it. */
  status: string;
  classification?: Alert["classification"];
}
const resolutions: readonly (Resolution | undefined)[] = [
  { status: "New" },
  { status: "Dismissed" },
  { status: "Resolved" },
  { status: "Resolved", classification: "false-positive" },
  { status: "Resolved", classification: "benign" },
  { status: "Resolved", classification: "true-positive" },
];

/** Defender for Cloud Apps, `/api/v1/alerts/`. Defender for Identity's alerts come this way too, under ids of Cloud Apps. */
export function isCloudAppsAlert(payload: Json): boolean {
  return find(payload, "_id") !== undefined && find(payload, "severityValue") !== undefined;
}

export function readCloudAppsAlert(payload: Json, at: string): Reading {
  const type = number(payload, "idValue");
  const resolution = resolutions[number(payload, "resolutionStatusValue") ?? 0];
  const entities = createEntities();
  each(payload, "entities", at, (item, itemAt) => {
    if (isObject(item)) addEntity(entities, item, itemAt);
  });
  return makeAlert({
    family: "cloud-apps-alert",
    source: "defender-for-cloud-apps",
    productId: named(payload, at, ["_id"]),
    type: { at: join(at, "idValue"), value: type === undefined ? undefined : String(type) },
    title: { at: join(at, "title"), value: text(payload, "title") ?? `Alert ${type}` },
    description: text(payload, "description"),
    severity: { at: join(at, "severityValue"), value: severities[number(payload, "severityValue") ?? -1] },
    status: { at: join(at, "resolutionStatusValue"), value: resolution?.status ?? "undocumented" },
    active: "inProgress",
    classification: resolution?.classification,
    raisedAt: { at: join(at, "timestamp"), value: epoch(number(payload, "timestamp")) },
    // An alert that was opened again keeps the time of its resolution.
    updatedAt: resolution?.status === "New" ? undefined : readInstant(text(payload, "resolveTime")),
    tactics: readIntents(payload),
    // The ids of techniques stand only in the description, which also quotes names that attackers choose.
    references: { portal: readPortalLink(value(payload, "URL")) },
    entities,
  });
}

function addEntity(entities: Entities, item: Json, at: string): void {
  const kind = text(item, "type")?.toLowerCase() ?? "";
  const role = text(item, "entityRole")?.toLowerCase();
  const label = text(item, "label");
  if (kind === "account" || kind === "user") addAccount(entities, item, at, byRole(role, "attacker", "victim"));
  else if (kind === "ip") addAddress(entities, item, at, role);
  // The ids of devices are Cloud Apps' own, no other service's.
  else if (kind === "device")
    entities.add("host", byRole(role, "victim", "victim"), readHostNames(label, undefined), at);
  else if (kind === "service")
    entities.add("cloud-app", "context", { cloudAppId: number(item, "id"), name: label }, at);
  else if (kind === "file") entities.add("file", "context", { name: label }, at);
  else entities.leaveOut(kind);
}

function byRole(role: string | undefined, source: Role, none: Role): Role {
  if (role === "source") return source;
  return role === undefined ? none : "context";
}

/** The id of an account is an Entra object id or a user principal name; `pa` is the primary address. */
function addAccount(entities: Entities, item: Json, at: string, role: Role): void {
  const id = value(item, "id");
  const upn = readUpn(value(item, "pa")) ?? readUpn(id);
  const label = text(item, "label");
  // A name that is the user principal name once more would make another person of the same one.
  const name = label?.toLowerCase() === upn?.toLowerCase() ? undefined : label;
  addUser(entities, role, { objectId: id, upn, name }, at);
}

function addAddress(entities: Entities, item: Json, at: string, role: string | undefined): void {
  // No published alert shows one: the address is looked for wherever other entities keep what they are.
  const field = ["address", "id", "label"].map((name) => find(item, name)).find((found) => found?.value);
  const named = role === "source" ? "attacker" : "context";
  entities.address(role === undefined ? "implied attacker" : named, field?.value, `${at}.${field?.key ?? "address"}`);
}

function readIntents(payload: Json): string[] {
  const found = new Set<string>();
  each(payload, "intent", "", (intent) => {
    const tactic = typeof intent === "number" ? tactics[intent] : undefined;
    if (tactic !== undefined) found.add(tactic);
  });
  return [...found];
}

function epoch(milliseconds: number | undefined): string | undefined {
  if (milliseconds === undefined || milliseconds <= 0 || milliseconds > 253_402_300_799_999) return undefined;
  return new Date(milliseconds).toISOString();
}
