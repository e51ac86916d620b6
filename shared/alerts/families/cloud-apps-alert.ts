import type { Alert, Severity } from "../alert.ts";
import { alertKey } from "../alert-key.ts";
import { clip, descriptionLimit, fewest, titleLimit } from "../clip.ts";
import { createEntities, type Entities } from "../entities.ts";
import type { Role } from "../entity.ts";
import { find, isObject, type Json, list, number, text, value } from "../fields.ts";
import { readFqdn, readUpn } from "../ids.ts";
import { readInstant } from "../instant.ts";
import { readPortalLink } from "../portal-link.ts";
import { type Reading, refused } from "../reading.ts";
import { isSampleAlert } from "../sample-alert.ts";
import { addUser } from "./account.ts";

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
type Resolution = Pick<Alert, "status" | "classification">;
const resolutions: readonly (Resolution | undefined)[] = [
  { status: "new" },
  { status: "dismissed" },
  { status: "resolved" },
  { status: "resolved", classification: "false-positive" },
  { status: "resolved", classification: "benign" },
  { status: "resolved", classification: "true-positive" },
];

/** Defender for Cloud Apps, `/api/v1/alerts/`. Defender for Identity's alerts come this way too, under ids of Cloud Apps. */
export function isCloudAppsAlert(payload: Json): boolean {
  return find(payload, "_id") !== undefined && find(payload, "severityValue") !== undefined;
}

export function readCloudAppsAlert(payload: Json, at: string): Reading {
  const family = "cloud-apps-alert";
  const notes: string[] = [];
  const productId = text(payload, "_id");
  const type = number(payload, "idValue");
  if (!productId)
    return refused(`${at}_id is missing: without it the alert cannot be told from its repetitions`, family);
  if (type === undefined) return refused(`${at}idValue is missing: no playbook can be chosen`, family);
  const severity = severities[number(payload, "severityValue") ?? -1];
  if (!severity) return refused(`${at}severityValue is none of 0 to 3`, family);
  const resolution = resolutions[number(payload, "resolutionStatusValue") ?? 0];
  if (!resolution) return refused(`${at}resolutionStatusValue is none of 0 to 5`, family);
  const raisedAt = epoch(number(payload, "timestamp"));
  if (!raisedAt) return refused(`${at}timestamp is not a time in milliseconds`, family);

  const description = text(payload, "description") ?? "";
  const title = text(payload, "title") ?? `Alert ${type}`;
  const portal = readPortalLink(value(payload, "URL"));
  // An alert that was opened again keeps the time of its resolution.
  const resolvedAt = resolution.status === "new" ? undefined : readInstant(text(payload, "resolveTime"));
  const entities = createEntities(notes);
  const listed = list(payload, "entities");
  for (const [index, item] of listed.items.entries()) addEntity(entities, item, `${at}${listed.key}[${index}]`);
  return {
    alert: {
      key: alertKey("defender-for-cloud-apps", productId),
      source: "defender-for-cloud-apps",
      family,
      productId: clip(productId, titleLimit, "_id", notes),
      type: String(type),
      title: clip(title, titleLimit, "title", notes),
      description: clip(description, descriptionLimit, "description", notes),
      severity,
      ...resolution,
      sample: isSampleAlert({ title, description }),
      incident: false,
      members: [],
      tactics: readIntents(payload),
      // The ids stand only in the description, which also quotes names that attackers choose.
      techniques: [],
      raisedAt,
      ...(resolvedAt ? { updatedAt: resolvedAt } : {}),
      references: portal ? { portal } : {},
      entities: entities.all(),
      notes: fewest(notes),
    },
  };
}

function addEntity(entities: Entities, item: unknown, at: string): void {
  if (!isObject(item)) return;
  const kind = text(item, "type")?.toLowerCase() ?? "";
  const role = text(item, "entityRole")?.toLowerCase();
  const label = text(item, "label");
  if (kind === "account" || kind === "user") addAccount(entities, item, at, byRole(role, "attacker", "victim"));
  else if (kind === "ip") addAddress(entities, item, at, role);
  // The ids of devices are Cloud Apps' own, no other service's.
  else if (kind === "device") entities.add("host", byRole(role, "victim", "victim"), namesOf(label), at);
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
  addUser(
    entities,
    role,
    { objectId: id, upn: readUpn(value(item, "pa")) ?? readUpn(id), name: value(item, "label") },
    at,
  );
}

function addAddress(entities: Entities, item: Json, at: string, role: string | undefined): void {
  // No published alert shows one: the address is looked for wherever other entities keep what they are.
  const field = ["address", "id", "label"].map((name) => find(item, name)).find((found) => found?.value);
  const foundAt = `${at}.${field?.key ?? "address"}`;
  if (role === undefined) entities.address("attacker", field?.value, foundAt, { implied: true });
  else entities.address(role === "source" ? "attacker" : "context", field?.value, foundAt);
}

function namesOf(label: string | undefined): { name?: string | undefined; fqdn?: string } {
  const fqdn = readFqdn(label);
  return fqdn ? { name: label?.split(".")[0], fqdn } : { name: label };
}

function readIntents(payload: Json): string[] {
  const found = list(payload, "intent").items.flatMap(
    (intent) => (typeof intent === "number" && tactics[intent]) || [],
  );
  return [...new Set(found)];
}

function epoch(milliseconds: number | undefined): string | undefined {
  if (milliseconds === undefined || milliseconds <= 0 || milliseconds > 253_402_300_799_999) return undefined;
  return new Date(milliseconds).toISOString();
}
