import { addUser } from "../account.ts";
import { createEntities, type Entities } from "../entities.ts";
import { eachObject, find, inner, type Json, join, text, texts, value } from "../fields.ts";
import type { Reading } from "../reading.ts";
import { addIp, fileOf, readFlatEvidence } from "../xdr/flat-evidence.ts";
import { addMachine } from "../xdr/machine.ts";
import { readXdrAlert } from "../xdr/xdr-alert.ts";

/** `GET /api/alerts` of Defender for Endpoint: https://learn.microsoft.com/defender-endpoint/api/alerts */
export function isEndpointAlert(payload: Json): boolean {
  // Answers to machine actions have a machineId, too.
  return find(payload, "machineId") !== undefined && find(payload, "investigationState") !== undefined;
}

export function readEndpointAlert(payload: Json, at: string): Reading {
  const entities = createEntities();
  const id = find(payload, "machineId");
  const machine = { mdeDeviceId: id, dnsName: value(payload, "computerDnsName") };
  addMachine(entities, "victim", machine, at, join(at, id?.key ?? "machineId"));
  // Only what was asked for with `$expand=evidence` has any.
  readFlatEvidence(payload, "evidence", at, entities);
  readRelatedUser(payload, "relatedUser", "userName", at, entities);
  if (find(payload, "evidence") === undefined) readShapeOf2019(payload, at, entities);
  return readXdrAlert({
    family: "endpoint-alert",
    source: "defender-for-endpoint",
    body: payload,
    at,
    ids: ["id"],
    raisedAt: ["firstEventTime", "alertCreationTime"],
    updatedAt: "lastUpdateTime",
    techniques: texts(payload, "mitreTechniques"),
    entities,
  });
}

/** A name and a domain, and nothing that the directory would know the user by. */
function readRelatedUser(payload: Json, field: string, name: string, at: string, entities: Entities): void {
  const user = inner(payload, field, at);
  if (!user) return;
  const raw = { name: value(user.object, name), domain: value(user.object, "domainName") };
  addUser(entities, "victim", raw, user.at);
}

/** Until 2020 there was no `evidence`, but a list for each kind of it. */
function readShapeOf2019(payload: Json, at: string, entities: Entities): void {
  readRelatedUser(payload, "alertUser", "accountName", at, entities);
  eachObject(payload, "alertFiles", at, (file, path) => entities.add("file", "context", fileOf(file), path));
  eachObject(payload, "alertDomains", at, (domain, path) => {
    entities.add("domain", "context", { domain: text(domain, "host")?.toLowerCase() }, path);
  });
  eachObject(payload, "alertIps", at, (ip, path) => addIp(ip, path, "implied attacker", entities));
}
