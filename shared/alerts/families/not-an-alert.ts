import { find, isObject, type Json, text, value } from "../fields.ts";
import type { Reading } from "../reading.ts";
import { isSentinelKind } from "../sentinel/sentinel-entities.ts";

/**
 * What travels the same ways as alerts and is none: counted as ignored instead of troubling somebody as an unknown shape. Last in the
 * table, so that it never takes what an alert's own reader knows.
 */
export function isNotAnAlert(payload: Json): boolean {
  return whatItIs(payload) !== undefined;
}

export function readNotAnAlert(payload: Json): Reading {
  return { ignored: `no alert: ${whatItIs(payload)}` };
}

function whatItIs(payload: Json): string | undefined {
  return (
    ofResourceManager(payload) ??
    ofContinuousExport(payload) ??
    ofEventGrid(payload) ??
    ofStream(payload) ??
    ofAzureMonitor(payload) ??
    ofEndpoint(payload) ??
    ofSentinel(payload) ??
    ofGraph(payload)
  );
}

/** Longest first: an assessment's own type begins those of its parts. */
const exported: readonly (readonly [string, string])[] = [
  ["microsoft.security/assessments/subassessments", "a finding of an assessment"],
  ["microsoft.security/subassessments", "a finding of an assessment"],
  ["microsoft.security/assessments", "an assessment"],
  ["microsoft.security/securescores/securescorecontrols", "a control of the secure score"],
  ["microsoft.security/securescorecontrols", "a control of the secure score"],
  ["microsoft.security/securescores", "a secure score"],
  ["microsoft.security/regulatorycompliance", "a state of regulatory compliance"],
  ["microsoft.security/attackpaths", "an attack path"],
];

function ofResourceManager(payload: Json): string | undefined {
  const type = typeOf(payload);
  return exported.find(([start]) => type.startsWith(start))?.[1];
}

/** Everything that continuous export sends beside alerts carries this. An alert that no reader knew must not go under with it. */
function ofContinuousExport(payload: Json): string | undefined {
  if (find(payload, "securityEventDataEnrichment") === undefined) return undefined;
  if (typeOf(payload).endsWith("/alerts") || find(payload, "systemAlertId") !== undefined) return undefined;
  return "a record of continuous export";
}

function ofEventGrid(payload: Json): string | undefined {
  const isHandshake = find(payload, "validationCode") && Object.keys(payload).length <= 2;
  return isHandshake ? "Event Grid's handshake for a subscription" : undefined;
}

function ofStream(payload: Json): string | undefined {
  const [, table] = /^AdvancedHunting-(\w{1,60})$/i.exec(text(payload, "category") ?? "") ?? [];
  return table && !/^Alert/i.test(table) ? `a ${table} record of the XDR stream` : undefined;
}

/** The Activity Log tells of everything that is done to resources, diagnostic settings of Entra of every risk that it saw. */
function ofAzureMonitor(payload: Json): string | undefined {
  if (/^(?:UserRiskEvents|ServicePrincipalRiskEvents)$/i.test(text(payload, "category") ?? ""))
    return "a risk event of Entra's diagnostic settings";
  const operation = value(payload, "operationName");
  const name = isObject(operation) ? text(operation, "value") : text(payload, "operationName");
  const isRecord =
    /^[\w.-]{1,100}(?:\/[\w.-]{1,100}){1,12}\/(?:action|write|delete|read)$/i.test(name ?? "") &&
    find(payload, "correlationId") &&
    (find(payload, "eventTimestamp") ?? (find(payload, "time") && find(payload, "resourceId")));
  return isRecord ? "a record of the Activity Log" : undefined;
}

/** What Defender for Endpoint answers when a machine is isolated, scanned and so on. */
function ofEndpoint(payload: Json): string | undefined {
  const isAction =
    /#MachineActions\b/i.test(text(payload, "@odata.context")?.slice(-200) ?? "") ||
    (find(payload, "machineId") && find(payload, "requestor") && find(payload, "creationDateTimeUtc"));
  return isAction ? "an action on a machine" : undefined;
}

function ofSentinel(payload: Json): string | undefined {
  if (Array.isArray(value(payload, "entities")) && Array.isArray(value(payload, "metaData")))
    return "the list of a Sentinel incident's entities";
  const schema = text(payload, "objectSchemaType");
  if (schema && schema.toLowerCase() !== "incident")
    return "a Sentinel playbook's call about something else than an incident";
  const type = typeOf(payload);
  const kind = text(payload, "kind")?.slice(0, 60).toLowerCase();
  const isElement = type === "" && isObject(value(payload, "properties")) && isSentinelKind(kind);
  if (type === "microsoft.securityinsights/entities" || isElement) {
    return kind === "securityalert"
      ? "one alert of a Sentinel incident, which is read with its incident"
      : "one entity of a Sentinel incident, which is read with its incident";
  }
  if (type.startsWith("microsoft.securityinsights/") && type !== "microsoft.securityinsights/incidents")
    return "a Sentinel resource";
  return undefined;
}

/** Lists of incidents come without their alerts unless one asks for them; those have ways of their own. */
function ofGraph(payload: Json): string | undefined {
  const alerts = value(payload, "alerts");
  if (alerts !== undefined && !(Array.isArray(alerts) && alerts.length === 0)) return undefined;
  const isGraphIncident =
    text(payload, "@odata.type")?.toLowerCase() === "#microsoft.graph.security.incident" ||
    (find(payload, "incidentWebUrl") && find(payload, "displayName") && !find(payload, "serviceSource"));
  const isXdrIncident = find(payload, "incidentId") && find(payload, "incidentName");
  return isGraphIncident || isXdrIncident ? "an incident without its alerts" : undefined;
}

/** ARM calls it `type`, exported findings `$type` or `Type`. */
function typeOf(payload: Json): string {
  const type = text(payload, "type") ?? text(payload, "$type");
  return type && type.length <= 200 ? type.toLowerCase() : "";
}
