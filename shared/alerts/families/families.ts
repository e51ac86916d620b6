import type { Json } from "../fields.ts";
import type { Reading } from "../reading.ts";
import { isActivityLogRecord, readActivityLogRecord } from "./activity-log-record.ts";
import { isArmAlert, readArmAlert } from "./arm-alert.ts";
import { isArmAlert2019, readArmAlert2019 } from "./arm-alert-2019.ts";
import { isCloudAppsAlert, readCloudAppsAlert } from "./cloud-apps-alert.ts";
import { isEndpointAlert, readEndpointAlert } from "./endpoint-alert.ts";
import { isFlatAlert, readFlatAlert } from "./flat-alert.ts";
import { isGraphAlert, readGraphAlert } from "./graph-alert.ts";
import { isGraphLegacyAlert, readGraphLegacyAlert } from "./graph-legacy-alert.ts";
import { isLogAnalyticsRow, readLogAnalyticsRow } from "./log-analytics-row.ts";
import { isMalwareScanResult, readMalwareScanResult } from "./malware-scan-result.ts";
import { isNotAnAlert, readNotAnAlert } from "./not-an-alert.ts";
import { isOfficeActivityRecord, readOfficeActivityRecord } from "./office-activity-record.ts";
import { isSentinelIncident, readSentinelIncident } from "./sentinel-incident.ts";
import { isThinEvent, readThinEvent } from "./thin-event.ts";
import { isXdrIncident, readXdrIncident } from "./xdr-incident.ts";
import { isXdrStreamRecord, readXdrStreamRecord } from "./xdr-stream-record.ts";

/** One shape in which findings arrive. */
export interface PayloadFamily {
  name: string;
  /** Fields of which every payload of the family has one at least. */
  signs: readonly string[];
  matches(payload: Json): boolean;
  /** `at` is the path of the payload in what arrived. */
  read(payload: Json, at: string): Reading | Reading[];
}

/** The one place where payload families are told apart; the first that matches reads. */
const families: readonly PayloadFamily[] = [
  { name: "ARM alert 2019-01-01", signs: ["type"], matches: isArmAlert2019, read: readArmAlert2019 },
  { name: "ARM alert 2022-01-01", signs: ["type"], matches: isArmAlert, read: readArmAlert },
  // Looks like the flat shape, but for the JSON in its texts.
  { name: "Log Analytics row", signs: ["systemAlertId"], matches: isLogAnalyticsRow, read: readLogAnalyticsRow },
  { name: "flat alert", signs: ["systemAlertId"], matches: isFlatAlert, read: readFlatAlert },
  { name: "Activity Log record", signs: ["operationName"], matches: isActivityLogRecord, read: readActivityLogRecord },
  { name: "Graph alert", signs: ["evidence", "@odata.type"], matches: isGraphAlert, read: readGraphAlert },
  {
    name: "Graph legacy alert",
    signs: ["vendorInformation", "vendorInformation_provider", "changeType"],
    matches: isGraphLegacyAlert,
    read: readGraphLegacyAlert,
  },
  { name: "Defender for Endpoint alert", signs: ["machineId"], matches: isEndpointAlert, read: readEndpointAlert },
  { name: "Defender for Cloud Apps alert", signs: ["_id"], matches: isCloudAppsAlert, read: readCloudAppsAlert },
  {
    name: "Office 365 activity record",
    signs: ["Operation"],
    matches: isOfficeActivityRecord,
    read: readOfficeActivityRecord,
  },
  {
    name: "Sentinel incident",
    signs: ["type", "objectSchemaType"],
    matches: isSentinelIncident,
    read: readSentinelIncident,
  },
  { name: "XDR stream record", signs: ["category"], matches: isXdrStreamRecord, read: readXdrStreamRecord },
  { name: "XDR incident", signs: ["incidentId"], matches: isXdrIncident, read: readXdrIncident },
  { name: "malware scan result", signs: ["scanResultType"], matches: isMalwareScanResult, read: readMalwareScanResult },
  { name: "thin event", signs: ["portcullisFetch"], matches: isThinEvent, read: readThinEvent },
];
/** Asked last, about whatever no other family knows. */
const rest: PayloadFamily = { name: "no alert", signs: [], matches: isNotAnAlert, read: readNotAnAlert };

/**
 * One look at a payload's names tells most families that they need not be asked: for each place that a name's length and its first letter
 * give, a bit for every family with a sign there.
 */
const askedBy = new Uint32Array(1024);
for (const [index, { signs }] of families.entries())
  for (const sign of signs) askedBy[placeOf(sign)] = (askedBy[placeOf(sign)] ?? 0) | (1 << index);

export function familyOf(payload: Json): PayloadFamily | undefined {
  let asked = 0;
  for (const name in payload) asked |= askedBy[placeOf(name)] ?? 0;
  for (let index = 0; asked >>> index !== 0; index++) {
    const family = families[index];
    if (asked & (1 << index) && family && isOf(family, payload)) return family;
  }
  return isOf(rest, payload) ? rest : undefined;
}

/** The last five bits of a letter are the same for small and capital. */
function placeOf(name: string): number {
  return ((name.length & 31) << 5) | (name.charCodeAt(0) & 31);
}

function isOf(family: PayloadFamily, payload: Json): boolean {
  try {
    return family.matches(payload);
  } catch {
    // A test that a strange payload breaks says no, and the other families are asked.
    return false;
  }
}
