import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Alert } from "../../../shared/alerts/alert.ts";
import { readAlert } from "../../../shared/alerts/read-alert.ts";
import { addressesOf, read } from "../../support/an-alert.ts";
import { referenceAbsent, referencePath } from "../../support/reference-material.ts";

interface Expected {
  type: string;
  severity: Alert["severity"];
  raisedAt: string;
  sample: boolean;
  tactics: string[];
  attackers: string[];
}

const simulated = { sample: true, tactics: [] as string[], attackers: ["0.0.0.0"] };

/** What a person reads in the published samples; `Unknown` is no tactic, and 0.0.0.0 stands where an attacker would. */
const expected: Readonly<Record<string, Expected>> = {
  // Kubernetes names the address in "ip Address" alone, which does not say whose address it is.
  "sim_aks_ti_proxy_ip_only_in_extprops.json": {
    ...simulated,
    type: "AKS_TI_Proxy",
    severity: "Low",
    raisedAt: "2022-09-08T07:50:13.181Z",
    tactics: ["Execution"],
    attackers: [],
  },
  "sim_apps_wpthemeinjection_ip_only_in_extprops.json": {
    ...simulated,
    type: "APPS_WpThemeInjection",
    severity: "High",
    raisedAt: "2022-09-08T07:51:21.181Z",
  },
  "sim_appservice_phishing_content_url.json": {
    ...simulated,
    type: "MaliciousContent-AzureWebApps",
    severity: "High",
    raisedAt: "2022-09-08T07:51:19.181Z",
    tactics: ["Collection"],
    attackers: [],
  },
  "sim_kv_listgetanomaly.json": {
    ...simulated,
    type: "KV_ListGetAnomaly",
    severity: "Medium",
    raisedAt: "2022-09-08T07:51:13.181Z",
  },
  "sim_kv_operationvolumeanomaly.json": {
    ...simulated,
    type: "KV_OperationVolumeAnomaly",
    severity: "Medium",
    raisedAt: "2022-09-08T07:51:17.181Z",
  },
  "sim_kv_toraccess.json": {
    ...simulated,
    type: "KV_TORAccess",
    severity: "Medium",
    raisedAt: "2022-09-08T07:51:09.181Z",
  },
  "sim_sql_vm_bruteforce.json": {
    ...simulated,
    type: "SQL.VM_BruteForce",
    severity: "High",
    raisedAt: "2022-09-08T07:50:05.212Z",
    tactics: ["PreAttack"],
  },
  "sim_sql_vm_potentialsqlinjection.json": {
    ...simulated,
    type: "SQL.VM_PotentialSqlInjection",
    severity: "High",
    raisedAt: "2022-09-08T07:50:03.212Z",
    tactics: ["PreAttack"],
  },
  "sim_storage_blob_anonymousaccessanomaly.json": {
    ...simulated,
    type: "Storage.Blob_AnonymousAccessAnomaly",
    severity: "Medium",
    raisedAt: "2022-09-08T07:48:45.181Z",
    tactics: ["InitialAccess"],
  },
  "sim_storage_blob_cspkg_upload_multi_intent_string.json": {
    ...simulated,
    type: "Storage.Blob_CspkgUploadAnomaly",
    severity: "Medium",
    raisedAt: "2022-09-08T07:48:49.181Z",
    tactics: ["LateralMovement", "Execution"],
  },
  "sim_vm_windows_petyaransomware.json": {
    ...simulated,
    type: "VM.Windows_PetyaRansomware",
    severity: "High",
    raisedAt: "2022-09-08T07:50:35.212Z",
    tactics: ["Execution"],
    attackers: [],
  },
  "spec_vm_eicar_supporting_evidence.json": {
    type: "VM_EICAR",
    severity: "High",
    raisedAt: "2020-02-22T00:00:00.000Z",
    sample: false,
    tactics: ["Execution"],
    attackers: ["192.0.2.1"],
  },
};

const folder = referencePath("samples", "arm_alert_2022-01-01");

describe.skipIf(folder === undefined)(`published alerts of the REST API (skipped when ${referenceAbsent})`, () => {
  const files = folder === undefined ? [] : readdirSync(folder).filter((file) => file.endsWith(".json"));
  const load = (file: string): unknown => JSON.parse(readFileSync(join(folder ?? "", file), "utf8"));

  it("are all in the table below", () => {
    expect(files.toSorted()).toEqual(Object.keys(expected).toSorted());
  });

  it.each(Object.entries(expected))("%s reads as a person reads it", (file, { attackers, ...fields }) => {
    const alert = read(load(file));

    expect(Alert.parse(alert)).toEqual(alert);
    expect(alert).toMatchObject({ source: "defender-for-cloud", family: "arm-2022-01-01", status: "new", ...fields });
    expect(addressesOf(alert, "attacker")).toEqual(attackers);
  });
});

const others = referencePath("samples");

describe.skipIf(others === undefined)(`published payloads of other families (skipped when ${referenceAbsent})`, () => {
  const folders = [
    "activity_log_alert",
    "arm_alert_2019-01-01",
    "event_grid",
    "graph_alerts_legacy_v1",
    "graph_alerts_v2",
    "log_analytics_security_alert",
    "mcas_alert_api",
    "mde_alert_api",
    "mde_machine_action",
    "sentinel_incident",
    "xdr_streaming_event_hub",
  ];
  const files = folders.flatMap((name) => {
    const path = referencePath("samples", name);
    return path === undefined ? [] : readdirSync(path).map((file) => join(path, file));
  });

  it.each(files)("%s is refused with a reason, and not misread", (file) => {
    const reading = readAlert(JSON.parse(readFileSync(file, "utf8")));

    expect(reading).toEqual({ refused: expect.stringMatching(/\S{3,}/) });
  });
});
