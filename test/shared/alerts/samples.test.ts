import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readAll } from "../../../shared/alerts/read-alert.ts";
import { unwrapAll } from "../../../shared/alerts/unwrap.ts";
import { compareReading, type ExpectedReading } from "../../support/expected-reading.ts";
import { referenceAbsent, referencePath } from "../../support/reference-material.ts";
import { expected as activityLogAlert } from "./samples/activity-log-alert.ts";
import { expected as armAlert2019 } from "./samples/arm-alert-2019-01-01.ts";
import { expected as armAlert2022 } from "./samples/arm-alert-2022-01-01.ts";
import { expected as defenderForApis } from "./samples/defender-for-apis.ts";
import { expected as eventGrid } from "./samples/event-grid.ts";
import { expected as graphAlertsLegacy } from "./samples/graph-alerts-legacy-v1.ts";
import { expected as graphAlerts } from "./samples/graph-alerts-v2.ts";
import { expected as logAnalytics } from "./samples/log-analytics-security-alert.ts";
import { expected as mcasAlertApi } from "./samples/mcas-alert-api.ts";
import { expected as mdeAlertApi } from "./samples/mde-alert-api.ts";
import { expected as mdeMachineAction } from "./samples/mde-machine-action.ts";
import { expected as sentinelIncident } from "./samples/sentinel-incident.ts";
import { expected as xdrStreaming } from "./samples/xdr-streaming-event-hub.ts";

/** What a person who knows the rules makes of each published sample, by the folder it lies in. */
const folders: Readonly<Record<string, Readonly<Record<string, readonly ExpectedReading[]>>>> = {
  activity_log_alert: activityLogAlert,
  "arm_alert_2019-01-01": armAlert2019,
  "arm_alert_2022-01-01": armAlert2022,
  defender_for_apis: defenderForApis,
  event_grid: eventGrid,
  graph_alerts_legacy_v1: graphAlertsLegacy,
  graph_alerts_v2: graphAlerts,
  log_analytics_security_alert: logAnalytics,
  mcas_alert_api: mcasAlertApi,
  mde_alert_api: mdeAlertApi,
  mde_machine_action: mdeMachineAction,
  sentinel_incident: sentinelIncident,
  xdr_streaming_event_hub: xdrStreaming,
};

/** The samples in this folder are envelopes. */
const enveloped = new Set(["event_grid"]);

const expectations = Object.entries(folders).flatMap(([folder, files]) =>
  Object.entries(files).map(([file, readings]) => ({ folder, file, name: `${folder}/${file}`, readings })),
);

const root = referencePath("samples");

describe.skipIf(root === undefined)(`the published samples (skipped when ${referenceAbsent})`, () => {
  it("are all expected to be something, and nothing else is expected", () => {
    const found = readdirSync(root ?? "", { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".json"),
    );

    expect(found.toSorted()).toEqual(expectations.map(({ name }) => name).toSorted());
  });

  it.each(expectations)("$name reads as a person reads it", ({ folder, file, readings }) => {
    const content: unknown = JSON.parse(readFileSync(join(root ?? "", folder, file), "utf8"));
    const bodies = enveloped.has(folder) ? unwrapAll(content).map(payloadOf) : [content];

    const read = bodies.flatMap((body) => readAll(body).map((one) => ({ one, body })));

    expect(read).toHaveLength(readings.length);
    for (const [index, expected] of readings.entries()) {
      const { one, body } = read[index] ?? {};
      if (one) compareReading(one, expected, body);
    }
  });
});

function payloadOf(delivery: ReturnType<typeof unwrapAll>[number]): unknown {
  if ("refused" in delivery) throw new Error(`the envelope is refused: ${delivery.refused}`);
  return delivery.payload;
}
