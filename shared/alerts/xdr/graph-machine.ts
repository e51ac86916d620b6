import type { Role } from "../entity.ts";
import { addUser } from "../families/account.ts";
import { find, isObject, type Json, list, value } from "../fields.ts";
import { addOwnAddress, type Findings } from "./findings.ts";
import { nestedIp } from "./graph-network.ts";
import { readAzureResource } from "./graph-resources.ts";
import { statedRole } from "./graph-roles.ts";
import { readSessionAccount } from "./graph-user.ts";
import { addMachine } from "./machine.ts";

/** Graph's names for a machine's ids, and those of the incidents API. */
const idNames = ["mdeDeviceId", "mdatpDeviceId", "deviceId"];
const azureAdIdNames = ["azureAdDeviceId", "aadDeviceId"];

export function readDevice(evidence: Json, at: string, findings: Findings, sessionRole?: Role): void {
  const role = statedRole(evidence) ?? sessionRole ?? "victim";
  const id = firstOf(evidence, idNames);
  const vm = value(evidence, "vmMetadata");
  const machine = {
    ...(id && { mdeDeviceId: { raw: id.value, foundAt: `${at}.${id.key}` } }),
    azureAdDeviceId: firstOf(evidence, azureAdIdNames)?.value,
    dnsName: value(evidence, "deviceDnsName"),
    hostName: value(evidence, "hostName"),
    dnsDomain: value(evidence, "dnsDomain"),
    resourceId: isObject(vm) ? value(vm, "resourceId") : undefined,
  };
  addMachine(findings, role, machine, at);
  readAddresses(evidence, at, findings);
  const loggedOn = list(evidence, "loggedOnUsers");
  for (const [index, user] of loggedOn.items.entries()) {
    if (!isObject(user)) continue;
    const raw = { name: value(user, "accountName"), domain: value(user, "domainName") };
    addUser(findings.entities, "context", raw, `${at}.${loggedOn.key}[${index}]`);
  }
}

function readAddresses(evidence: Json, at: string, findings: Findings): void {
  const interfaces = list(evidence, "ipInterfaces");
  for (const [index, raw] of interfaces.items.entries())
    addOwnAddress(findings, raw, `${at}.${interfaces.key}[${index}]`);
  for (const name of ["lastIpAddress", "lastExternalIpAddress"]) {
    const field = find(evidence, name);
    addOwnAddress(findings, field?.value, `${at}.${field?.key}`);
  }
}

export function readHostLogonSession(evidence: Json, at: string, findings: Findings): void {
  readSessionAccount(evidence, at, findings);
  const host = find(evidence, "host");
  if (isObject(host?.value)) readDevice(host.value, `${at}.${host.key}`, findings, statedRole(evidence));
}

export function readNic(evidence: Json, at: string, findings: Findings): void {
  const ip = nestedIp(evidence, "ipAddress", at);
  if (ip) addOwnAddress(findings, ip.raw, ip.foundAt);
}

/** A device that Defender for IoT watches: its id is none of Defender for Endpoint's. */
export function readIotDevice(evidence: Json, at: string, findings: Findings): void {
  addMachine(findings, statedRole(evidence) ?? "victim", { hostName: value(evidence, "deviceName") }, at);
  readNic(evidence, at, findings);
  const nics = list(evidence, "nics");
  for (const [index, nic] of nics.items.entries())
    if (isObject(nic)) readNic(nic, `${at}.${nics.key}[${index}]`, findings);
  const hub = find(evidence, "ioTHub");
  if (isObject(hub?.value)) readAzureResource(hub.value, `${at}.${hub.key}`, findings);
}

function firstOf(evidence: Json, names: readonly string[]): { key: string; value: unknown } | undefined {
  for (const name of names) {
    const field = find(evidence, name);
    if (field?.value) return field;
  }
  return undefined;
}
