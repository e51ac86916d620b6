import { addUser } from "../account.ts";
import { find, isFalse, number, text, value } from "../fields.ts";
import { isMachineId, readGuid, readHostNames, readResourceId, readUpn } from "../ids.ts";
import { onlyObjectGuid, roleOfAccount } from "./accounts.ts";
import type { Gathering, Listed } from "./listed.ts";

export function readAccount({ item, at, role: stated }: Listed, to: Gathering): boolean {
  const { entities } = to;
  const objectId = readGuid(value(item, "aadUserId"));
  const account = { objectId, isOnly: to.hasOneAccount, foundAt: at };
  const role = stated ?? roleOfAccount(to.accounts, account, entities.notes);
  const name = text(item, "name");
  if (objectId && !name) {
    // A user or a service principal: that is not known until it is looked up.
    entities.add("principal", role, { objectId }, at);
    return true;
  }
  const suffix = text(item, "upnSuffix");
  const upn = readUpn(name && suffix && !name.includes("@") ? `${name}@${suffix}` : name);
  const details = { objectId, upn, name, domain: value(item, "ntDomain"), sid: value(item, "sid") };
  if (!objectId && !name && text(item, "sid") === undefined && text(item, "objectGuid") !== undefined)
    entities.notes.push(`${at}: ${onlyObjectGuid}`);
  addUser(entities, role, details, at);
  return true;
}

export function readHost({ item, at, role: stated }: Listed, { entities, hosts, hasAsset }: Gathering): boolean {
  // What is said not to be the asset is as often the machine that the attacker says to have.
  const role = stated ?? (hasAsset && isFalse(item, "asset") ? "context" : "victim");
  const field = find(item, "azureID");
  const resourceId = readResourceId(field?.value);
  if (resourceId && !isMachineId(resourceId)) {
    // Web apps and databases are called hosts, too.
    entities.add("azure-resource", role, { resourceId }, `${at}.${field?.key}`);
    return true;
  }
  const hostName = text(item, "hostName") ?? text(item, "netBiosName");
  const names = readHostNames(hostName, text(item, "dnsDomain"));
  hosts.add({ role, ...names, resourceId, agentId: readGuid(value(item, "omsAgentID")), foundAt: at });
  return true;
}

export function readAzureResource({ item, at, role }: Listed, { entities }: Gathering): boolean {
  const field = find(item, "resourceId");
  const resourceId = readResourceId(field?.value);
  if (resourceId) entities.add("azure-resource", role ?? "victim", { resourceId }, `${at}.${field?.key}`);
  return resourceId !== undefined;
}

export function readBlob({ item, at, role }: Listed, { entities }: Gathering): boolean {
  const field = find(item, "url");
  const uri = text(item, "url");
  // Some have a name only, which no storage account is told by.
  if (uri === undefined || !/^https?:\/\/\S+$/i.test(uri)) return false;
  entities.add("blob", role ?? "victim", { uri }, `${at}.${field?.key}`);
  return true;
}

export function readMailbox({ item, at, role }: Listed, { entities }: Gathering): boolean {
  const address = text(item, "mailboxPrimaryAddress") ?? text(item, "upn");
  if (address === undefined) return false;
  entities.add("mailbox", role ?? "victim", { address }, at);
  return true;
}

export function readCloudApp({ item, at, role }: Listed, { entities }: Gathering): boolean {
  const cloudAppId = number(item, "appId");
  if (cloudAppId === undefined) return false;
  entities.add("cloud-app", role ?? "context", { cloudAppId, name: text(item, "name") }, at);
  return true;
}

export function readUrl({ item, at, role }: Listed, { entities }: Gathering): boolean {
  const url = text(item, "url");
  if (url === undefined) return false;
  entities.add("url", role ?? "context", { url }, `${at}.${find(item, "url")?.key}`);
  return true;
}
