import { addUser } from "../account.ts";
import type { Entities } from "../entities.ts";
import type { Role } from "../entity.ts";
import { each, eachObject, type Field, find, inner, isObject, type Json, join, value } from "../fields.ts";
import { statedRole } from "./evidence-role.ts";
import { nestedIp } from "./graph-network.ts";
import { readAzureResource } from "./graph-resources.ts";
import { readSessionAccount } from "./graph-user.ts";
import { addMachine, addOwnAddress } from "./machine.ts";

/** Graph's names for a machine's ids, and those of the incidents API. */
const idNames = ["mdeDeviceId", "mdatpDeviceId", "deviceId"];
const azureAdIdNames = ["azureAdDeviceId", "aadDeviceId"];

export function readDevice(evidence: Json, at: string, entities: Entities, sessionRole: Role = "victim"): void {
  const vm = value(evidence, "vmMetadata");
  const machine = {
    mdeDeviceId: firstOf(evidence, idNames),
    azureAdDeviceId: firstOf(evidence, azureAdIdNames)?.value,
    dnsName: value(evidence, "deviceDnsName"),
    hostName: value(evidence, "hostName"),
    dnsDomain: value(evidence, "dnsDomain"),
    resourceId: isObject(vm) ? value(vm, "resourceId") : undefined,
  };
  addMachine(entities, statedRole(evidence) ?? sessionRole, machine, at);
  each(evidence, "ipInterfaces", at, (raw, rawAt) => addOwnAddress(entities, raw, rawAt));
  for (const name of ["lastIpAddress", "lastExternalIpAddress"]) {
    const field = find(evidence, name);
    if (field) addOwnAddress(entities, field.value, join(at, field.key));
  }
  eachObject(evidence, "loggedOnUsers", at, (user, userAt) => {
    const raw = { name: value(user, "accountName"), domain: value(user, "domainName") };
    addUser(entities, "context", raw, userAt);
  });
}

export function readHostLogonSession(evidence: Json, at: string, entities: Entities): void {
  readSessionAccount(evidence, at, entities);
  const host = inner(evidence, "host", at);
  if (host) readDevice(host.object, host.at, entities, statedRole(evidence));
}

export function readNic(evidence: Json, at: string, entities: Entities): void {
  const ip = nestedIp(evidence, "ipAddress", at);
  if (ip) addOwnAddress(entities, ip.raw, ip.foundAt);
}

/** A device that Defender for IoT watches: its id is none of Defender for Endpoint's. */
export function readIotDevice(evidence: Json, at: string, entities: Entities): void {
  addMachine(entities, statedRole(evidence) ?? "victim", { hostName: value(evidence, "deviceName") }, at);
  readNic(evidence, at, entities);
  eachObject(evidence, "nics", at, (nic, nicAt) => readNic(nic, nicAt, entities));
  const hub = inner(evidence, "ioTHub", at);
  if (hub) readAzureResource(hub.object, hub.at, entities);
}

function firstOf(evidence: Json, names: readonly string[]): Field | undefined {
  for (const name of names) {
    const field = find(evidence, name);
    if (field?.value) return field;
  }
  return undefined;
}
