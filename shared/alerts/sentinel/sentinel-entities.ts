import { addUser } from "../account.ts";
import { type Accounts, onlyObjectGuid, roleOfAccount } from "../defender-for-cloud/accounts.ts";
import type { Entities } from "../entities.ts";
import { type Field, find, inner, isObject, type Json, join, meant, number, text, texts, value } from "../fields.ts";
import {
  type Hashes,
  isMachineId,
  readGuid,
  readHash,
  readHostNames,
  readMdeDeviceId,
  readResourceId,
  readUpn,
} from "../ids.ts";
import { createWords } from "../words.ts";

/** One element of an incident's entities: `{ id, name, kind: "Ip", properties: { address } }`. */
interface Element {
  kind: string;
  id: string | undefined;
  body: Json;
  /** Path of `body`. */
  at: string;
}

const limit = 2000;

const kinds = new Set(
  `account azureresource bookmark cloudapplication dnsresolution file filehash host iotdevice ip mailbox mailcluster mailmessage malware nic
  process registrykey registryvalue securityalert securitygroup submissionmail url`.split(/\s+/),
);

/** Whether that is a kind of entity, or the kind of an alert among them. */
export function isSentinelKind(kind: string | undefined): boolean {
  return kind !== undefined && kinds.has(kind.toLowerCase());
}

/**
 * Adds what an incident's entities are, https://learn.microsoft.com/rest/api/securityinsights/entities: kinds in PascalCase, details flat.
 */
export function readSentinelEntities(
  items: readonly unknown[],
  at: string,
  accounts: Accounts,
  entities: Entities,
): void {
  if (items.length > limit) entities.notes.push(`only the first ${limit} of ${items.length} entities were read`);
  const elements = items.slice(0, limit).flatMap((item, index) => elementOf(item, `${at}[${index}]`) ?? []);
  const links = linksBetween(elements);
  const hasOneAccount = elements.filter(({ kind }) => kind === "account").length === 1;
  for (const element of elements) {
    const add = adderOf(element.kind);
    if (element.kind === "account") addAccount(element, accounts, hasOneAccount, entities);
    else if (add) add(element, entities, links);
    else entities.leaveOut(element.kind);
  }
}

function elementOf(item: unknown, at: string): Element | undefined {
  if (!isObject(item)) return undefined;
  const kind = text(item, "kind") ?? "";
  const { object: body, at: bodyAt } = inner(item, "properties", at) ?? { object: item, at };
  return { kind: kind.slice(0, 60).toLowerCase(), id: text(item, "id")?.toLowerCase(), body, at: bodyAt };
}

/** Entities point at each other by ARM id. */
interface Links {
  /** Addresses that another entity calls its own. */
  own: ReadonlySet<string>;
  /** Addresses of DNS servers that were asked. */
  asked: ReadonlySet<string>;
  hashes: ReadonlyMap<string, Element>;
  /** Hashes that a file among the entities claims. */
  claimed: ReadonlySet<string>;
}

function linksBetween(elements: readonly Element[]): Links {
  const pointed = (kinds: readonly string[], field: string) =>
    elements.flatMap(({ kind, body }) => (kinds.includes(kind) ? (text(body, field)?.toLowerCase() ?? []) : []));
  const hashes = elements.filter(({ kind }) => kind === "filehash");
  return {
    own: new Set([
      ...pointed(["dnsresolution"], "hostIpAddressEntityId"),
      ...pointed(["iotdevice", "nic"], "ipAddressEntityId"),
    ]),
    asked: new Set(pointed(["dnsresolution"], "dnsServerIpEntityId")),
    hashes: new Map(hashes.flatMap((hash) => (hash.id ? [[hash.id, hash] as const] : []))),
    claimed: new Set(elements.flatMap(({ kind, body }) => (kind === "file" ? hashIdsOf(body) : []))),
  };
}

type Add = (element: Element, entities: Entities, links: Links) => void;

const adderOf = createWords<Add>({
  ip: addAddress,
  host: addHost,
  file: addFile,
  filehash: addFileHash,
  mailmessage: addSender,
  azureresource: ({ body, at }, entities) =>
    entities.add("azure-resource", "victim", { resourceId: readResourceId(value(body, "resourceId")) }, at),
  cloudapplication: ({ body, at }, entities) => {
    const details = { cloudAppId: number(body, "appId"), name: text(body, "appName") };
    entities.add("cloud-app", "context", details, at);
  },
  url: ({ body, at }, entities) => entities.add("url", "context", { url: text(body, "url") }, at),
  dnsresolution: ({ body, at }, entities) =>
    entities.add("domain", "context", { domain: text(body, "domainName")?.toLowerCase() }, at),
  mailbox: ({ body, at }, entities) =>
    entities.add("mailbox", "victim", { address: readUpn(value(body, "mailboxPrimaryAddress")) }, at),
  // The alerts of an incident are listed among its entities too.
  securityalert: () => undefined,
});

function addAddress({ id, body, at }: Element, entities: Entities, { own, asked }: Links): void {
  const field = find(body, "address");
  const foundAt = join(at, field?.key ?? "address");
  if (id && own.has(id)) entities.address("victim", field?.value, foundAt);
  else entities.address(id && asked.has(id) ? "context" : "implied attacker", field?.value, foundAt);
}

function addAccount({ body, at }: Element, accounts: Accounts, isOnly: boolean, entities: Entities): void {
  const name = text(body, "accountName") ?? text(body, "name");
  const suffix = text(body, "upnSuffix");
  const upn = readUpn(name) ?? readUpn(value(body, "userPrincipalName")) ?? readUpn(suffix && `${name}@${suffix}`);
  const objectId = readGuid(value(body, "aadUserId"));
  const sid = text(body, "sid");
  const role = roleOfAccount(accounts, { objectId, isOnly, foundAt: at }, entities.notes);
  if (!objectId && !name && !upn && sid === undefined && text(body, "objectGuid") !== undefined)
    entities.notes.push(`${at}: ${onlyObjectGuid}`);
  if (role === "attacker" && objectId && !name && !upn) entities.add("principal", role, { objectId }, at);
  else addUser(entities, role, { objectId, upn, name, domain: value(body, "ntDomain"), sid }, at);
}

function addHost({ body, at }: Element, entities: Entities): void {
  const azureId = readResourceId(value(body, "azureID"));
  const { object: extra, at: extraAt } = inner(body, "additionalData", at) ?? { object: {}, at };
  for (const name of ["lastIpAddress", "lastExternalIpAddress", "ipInterfaces"])
    addOwn(find(extra, name), extraAt, entities);
  if (azureId && !isMachineId(azureId)) {
    entities.add("azure-resource", "victim", { resourceId: azureId }, at);
    return;
  }
  const mdeId = find(extra, "mdatpDeviceId") ?? find(extra, "mdeDeviceId");
  const mdeDeviceId = readMdeDeviceId(mdeId?.value);
  if (mdeId && !mdeDeviceId && meant(mdeId.value))
    entities.notes.push(`${join(extraAt, mdeId.key)}: not a machine id of Defender for Endpoint, ignored`);
  const name = text(body, "hostName") ?? text(body, "netBiosName");
  const details = {
    ...readHostNames(name, text(body, "dnsDomain"), value(extra, "fqdn")),
    resourceId: azureId,
    mdeDeviceId,
    azureAdDeviceId: readGuid(value(extra, "aadDeviceId")),
    agentId: readGuid(value(body, "omsAgentID")),
  };
  entities.add("host", "victim", details, at);
}

/** What a device says of its own addresses: text, `{ "Address": … }`, or a list of either. */
function addOwn(field: Field | undefined, at: string, entities: Entities): void {
  if (!field) return;
  for (const one of Array.isArray(field.value) ? field.value : [field.value]) {
    const address = meant(isObject(one) ? value(one, "address") : one);
    if (address !== undefined) entities.address("victim", address, join(at, field.key));
  }
}

/** Mostly the relay of a large provider: somebody else's customers send through it too. */
function addSender({ body, at }: Element, entities: Entities): void {
  const sender = find(body, "senderIP");
  if (sender && meant(sender.value)) entities.address("context", sender.value, join(at, sender.key));
  else entities.leaveOut("mailmessage");
}

function addFile({ body, at }: Element, entities: Entities, { hashes }: Links): void {
  const details: Hashes = {};
  for (const id of hashIdsOf(body)) Object.assign(details, hashOf(hashes.get(id)?.body ?? {}));
  const name = text(body, "fileName") ?? text(body, "name");
  entities.add("file", "context", { name, directory: text(body, "directory"), ...details }, at);
}

function addFileHash({ id, body, at }: Element, entities: Entities, { claimed }: Links): void {
  if (id === undefined || !claimed.has(id)) entities.add("file", "context", hashOf(body), at);
}

function hashIdsOf(file: Json): string[] {
  return texts(file, "fileHashEntityIds").map((id) => id.toLowerCase());
}

function hashOf(body: Json): Hashes {
  return readHash(text(body, "algorithm"), text(body, "hashValue") ?? text(body, "value"));
}
