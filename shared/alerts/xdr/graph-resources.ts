import type { Entities } from "../entities.ts";
import { find, inner, type Json, meant } from "../fields.ts";
import { readResourceId } from "../ids.ts";
import { statedRole } from "./evidence-role.ts";
import { eachNestedIp, nestedIp } from "./graph-network.ts";
import { addOwnAddress } from "./machine.ts";

export function readAzureResource(evidence: Json, at: string, entities: Entities): void {
  const field = find(evidence, "resourceId");
  const resourceId = readResourceId(field?.value);
  entities.add("azure-resource", statedRole(evidence) ?? "victim", { resourceId }, `${at}.${field?.key}`);
}

export function readBlob(evidence: Json, at: string, entities: Entities): void {
  const url = find(evidence, "url");
  entities.add("blob", statedRole(evidence) ?? "victim", { uri: meant(url?.value) }, `${at}.${url?.key}`);
  const container = inner(evidence, "blobContainer", at);
  if (container) readStorage(container.object, container.at, entities);
}

/** Blob containers and shared access signatures: what is attacked is the storage account. */
export function readStorage(evidence: Json, at: string, entities: Entities): void {
  const storage = inner(evidence, "storageResource", at);
  if (storage) readAzureResource(storage.object, storage.at, entities);
}

/** Evidence of Kubernetes leads, step by step, to the cluster that runs it; the addresses on the way are the cluster's own. */
export function readKubernetes(evidence: Json, at: string, entities: Entities): void {
  let holder = { object: evidence, at };
  for (const name of ["pod", "namespace", "cluster", "cloudResource"]) {
    readOwnAddresses(holder.object, holder.at, entities);
    holder = inner(holder.object, name, holder.at) ?? holder;
  }
  readAzureResource(holder.object, holder.at, entities);
}

function readOwnAddresses(holder: Json, at: string, entities: Entities): void {
  for (const name of ["podIp", "clusterIP"]) {
    const ip = nestedIp(holder, name, at);
    if (ip) addOwnAddress(entities, ip.raw, ip.foundAt);
  }
  eachNestedIp(holder, "externalIPs", at, ({ raw, foundAt }) => addOwnAddress(entities, raw, foundAt));
}
