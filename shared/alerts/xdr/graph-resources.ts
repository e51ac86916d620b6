import { find, isObject, type Json, meant } from "../fields.ts";
import { readResourceId } from "../ids.ts";
import { addOwnAddress, type Findings } from "./findings.ts";
import { nestedIp, nestedIps } from "./graph-network.ts";
import { statedRole } from "./graph-roles.ts";

export function readAzureResource(evidence: Json, at: string, { entities }: Findings): void {
  const field = find(evidence, "resourceId");
  const resourceId = readResourceId(field?.value);
  entities.add("azure-resource", statedRole(evidence) ?? "victim", { resourceId }, `${at}.${field?.key}`);
}

export function readBlob(evidence: Json, at: string, findings: Findings): void {
  const url = find(evidence, "url");
  findings.entities.add("blob", statedRole(evidence) ?? "victim", { uri: meant(url?.value) }, `${at}.${url?.key}`);
  const container = find(evidence, "blobContainer");
  if (isObject(container?.value)) readStorage(container.value, `${at}.${container.key}`, findings);
}

/** Blob containers and shared access signatures: what is attacked is the storage account. */
export function readStorage(evidence: Json, at: string, findings: Findings): void {
  const storage = find(evidence, "storageResource");
  if (isObject(storage?.value)) readAzureResource(storage.value, `${at}.${storage.key}`, findings);
}

/** Evidence of Kubernetes leads, step by step, to the cluster that runs it; the addresses on the way are the cluster's own. */
export function readKubernetes(evidence: Json, at: string, findings: Findings): void {
  let holder = evidence;
  let path = at;
  for (const name of ["pod", "namespace", "cluster", "cloudResource"]) {
    for (const ip of [
      nestedIp(holder, "podIp", path),
      nestedIp(holder, "clusterIP", path),
      ...nestedIps(holder, "externalIPs", path),
    ])
      if (ip) addOwnAddress(findings, ip.raw, ip.foundAt);
    const field = find(holder, name);
    if (!isObject(field?.value)) continue;
    holder = field.value;
    path = `${path}.${field.key}`;
  }
  readAzureResource(holder, path, findings);
}
