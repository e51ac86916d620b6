import { addUser } from "../families/account.ts";
import { find, number, text, value } from "../fields.ts";
import { isMachineId, readFqdn, readGuid, readResourceId, readUpn } from "../ids.ts";
import type { Gathering, Listed } from "./listed.ts";

export function readAccount({ item, at, asset }: Listed, { entities, accountRole }: Gathering): boolean {
  const role = asset ? "victim" : accountRole;
  const objectId = readGuid(value(item, "aadUserId"));
  const name = text(item, "name");
  if (objectId && !name) {
    // A user or a service principal: that is not known until it is looked up.
    entities.add("principal", role, { objectId }, at);
    return true;
  }
  const suffix = text(item, "upnSuffix");
  const upn = readUpn(name && suffix && !name.includes("@") ? `${name}@${suffix}` : name);
  const account = { objectId, upn, name, domain: value(item, "ntDomain"), sid: value(item, "sid") };
  addUser(entities, role, account, at);
  return true;
}

export function readHost({ item, at }: Listed, { entities, hosts }: Gathering): boolean {
  const field = find(item, "azureID");
  const resourceId = readResourceId(field?.value);
  if (resourceId && !isMachineId(resourceId)) {
    // Web apps and databases are called hosts, too.
    entities.add("azure-resource", "victim", { resourceId }, `${at}.${field?.key}`);
    return true;
  }
  const hostName = text(item, "hostName") ?? text(item, "netBiosName");
  const domain = text(item, "dnsDomain");
  const fqdn = readFqdn(hostName) ?? (hostName && domain ? readFqdn(`${hostName}.${domain}`) : undefined);
  const name = readFqdn(hostName) ? hostName?.split(".", 1)[0] : hostName;
  hosts.add({ name, fqdn, resourceId, agentId: readGuid(value(item, "omsAgentID")), foundAt: at });
  return true;
}

export function readAzureResource({ item, at }: Listed, { entities }: Gathering): boolean {
  const field = find(item, "resourceId");
  const resourceId = readResourceId(field?.value);
  if (resourceId) entities.add("azure-resource", "victim", { resourceId }, `${at}.${field?.key}`);
  return resourceId !== undefined;
}

export function readBlob({ item, at }: Listed, { entities }: Gathering): boolean {
  const field = find(item, "url");
  const uri = text(item, "url");
  // Some have a name only, which no storage account is told by.
  if (uri === undefined || !/^https?:\/\/\S+$/i.test(uri)) return false;
  entities.add("blob", "victim", { uri }, `${at}.${field?.key}`);
  return true;
}

export function readMailbox({ item, at }: Listed, { entities }: Gathering): boolean {
  const address = text(item, "mailboxPrimaryAddress") ?? text(item, "upn");
  if (address === undefined) return false;
  entities.add("mailbox", "victim", { address }, at);
  return true;
}

export function readCloudApp({ item, at, asset }: Listed, { entities }: Gathering): boolean {
  const cloudAppId = number(item, "appId");
  if (cloudAppId === undefined) return false;
  entities.add("cloud-app", asset ? "victim" : "context", { cloudAppId, name: text(item, "name") }, at);
  return true;
}

export function readUrl({ item, at, asset }: Listed, { entities }: Gathering): boolean {
  const url = text(item, "url");
  if (url === undefined) return false;
  entities.add("url", asset ? "victim" : "context", { url }, `${at}.${find(item, "url")?.key}`);
  return true;
}
