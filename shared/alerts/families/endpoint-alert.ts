import { find, isObject, type Json, list, text, texts, value } from "../fields.ts";
import type { Reading } from "../reading.ts";
import { createFindings, type Findings } from "../xdr/findings.ts";
import { fileOf, readFlatEvidence } from "../xdr/flat-evidence.ts";
import { addMachine } from "../xdr/machine.ts";
import { readXdrAlert } from "../xdr/xdr-alert.ts";
import { addUser } from "./account.ts";

/** `GET /api/alerts` of Defender for Endpoint: https://learn.microsoft.com/defender-endpoint/api/alerts */
export function isEndpointAlert(payload: Json): boolean {
  // Answers to machine actions have a machineId, too.
  return find(payload, "machineId") !== undefined && find(payload, "investigationState") !== undefined;
}

export function readEndpointAlert(payload: Json, at: string): Reading {
  const findings = createFindings();
  readMachine(payload, at, findings);
  // Only what was asked for with `$expand=evidence` has any.
  readFlatEvidence(payload, "evidence", at, findings);
  readRelatedUser(payload, "relatedUser", "userName", at, findings);
  if (find(payload, "evidence") === undefined) readShapeOf2019(payload, at, findings);
  return readXdrAlert({
    family: "endpoint-alert",
    source: "defender-for-endpoint",
    body: payload,
    at,
    ids: ["id"],
    raisedAt: ["firstEventTime", "alertCreationTime"],
    updatedAt: "lastUpdateTime",
    techniques: texts(payload, "mitreTechniques"),
    findings,
  });
}

function readMachine(payload: Json, at: string, findings: Findings): void {
  const id = find(payload, "machineId");
  const foundAt = `${at}${id?.key}`;
  const machine = { mdeDeviceId: { raw: id?.value, foundAt }, dnsName: value(payload, "computerDnsName") };
  addMachine(findings, "victim", machine, foundAt);
}

/** A name and a domain, and nothing that the directory would know the user by. */
function readRelatedUser(payload: Json, field: string, name: string, at: string, { entities }: Findings): void {
  const user = find(payload, field);
  if (!isObject(user?.value)) return;
  const raw = { name: value(user.value, name), domain: value(user.value, "domainName") };
  addUser(entities, "victim", raw, `${at}${user.key}`);
}

/** Until 2020 there was no `evidence`, but a list for each kind of it. */
function readShapeOf2019(payload: Json, at: string, findings: Findings): void {
  const { entities } = findings;
  readRelatedUser(payload, "alertUser", "accountName", at, findings);
  each(payload, "alertFiles", at, (file, path) => entities.add("file", "context", fileOf(file), path));
  each(payload, "alertDomains", at, (domain, path) => {
    entities.add("domain", "context", { domain: text(domain, "host")?.toLowerCase() }, path);
  });
  each(payload, "alertIps", at, (ip, path) => {
    const address = find(ip, "ipAddress");
    entities.address("attacker", address?.value, `${path}.${address?.key ?? "ipAddress"}`, { implied: true });
  });
}

function each(payload: Json, name: string, at: string, read: (item: Json, path: string) => void): void {
  const { key, items } = list(payload, name);
  for (const [index, item] of items.entries()) if (isObject(item)) read(item, `${at}${key}[${index}]`);
}
