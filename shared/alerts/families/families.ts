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
interface PayloadFamily {
  name: string;
  matches(payload: Json): boolean;
  /** `at` is the path of the payload in what arrived, with a dot at its end, or nothing. */
  read(payload: Json, at: string): Reading | Reading[];
}

/** The one place where payload families are told apart; the first that matches reads. */
export const families: readonly PayloadFamily[] = [
  { name: "ARM alert 2019-01-01", matches: isArmAlert2019, read: readArmAlert2019 },
  { name: "ARM alert 2022-01-01", matches: isArmAlert, read: readArmAlert },
  // Looks like the flat shape, but for the JSON in its texts.
  { name: "Log Analytics row", matches: isLogAnalyticsRow, read: readLogAnalyticsRow },
  { name: "flat alert", matches: isFlatAlert, read: readFlatAlert },
  { name: "Activity Log record", matches: isActivityLogRecord, read: readActivityLogRecord },
  { name: "Graph alert", matches: isGraphAlert, read: readGraphAlert },
  { name: "Graph legacy alert", matches: isGraphLegacyAlert, read: readGraphLegacyAlert },
  { name: "Defender for Endpoint alert", matches: isEndpointAlert, read: readEndpointAlert },
  { name: "Defender for Cloud Apps alert", matches: isCloudAppsAlert, read: readCloudAppsAlert },
  { name: "Office 365 activity record", matches: isOfficeActivityRecord, read: readOfficeActivityRecord },
  { name: "Sentinel incident", matches: isSentinelIncident, read: readSentinelIncident },
  { name: "XDR stream record", matches: isXdrStreamRecord, read: readXdrStreamRecord },
  { name: "XDR incident", matches: isXdrIncident, read: readXdrIncident },
  { name: "malware scan result", matches: isMalwareScanResult, read: readMalwareScanResult },
  { name: "thin event", matches: isThinEvent, read: readThinEvent },
  { name: "no alert", matches: isNotAnAlert, read: readNotAnAlert },
];
