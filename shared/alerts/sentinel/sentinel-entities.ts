import type { Entities } from "../entities.ts";
import type { Role } from "../entity.ts";
import { addUser } from "../families/account.ts";
import { find, isObject, type Json, list, meant, number, text, value } from "../fields.ts";
import { isMachineId, readFqdn, readGuid, readMdeDeviceId, readResourceId, readUpn } from "../ids.ts";

/** One element of an incident's entities: `{ id, name, kind: "Ip", properties: { address } }`. */
interface Element {
  kind: string;
  id: string | undefined;
  body: Json;
  /** Path of `body`. */
  at: string;
}

export interface Reader {
  entities: Entities;
  notes: string[];
  /** Of alerts about what an identity did, accounts are the attacker's; of all others they are what was attacked. */
  accounts: Role;
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

/** Adds what an incident's entities are, https://learn.microsoft.com/rest/api/securityinsights/entities: kinds in PascalCase, details flat. */
export function readSentinelEntities(items: readonly unknown[], path: string, reader: Reader): void {
  if (items.length > limit) reader.notes.push(`only the first ${limit} of ${items.length} entities were read`);
  const elements = items.slice(0, limit).flatMap((item, index) => elementOf(item, `${path}[${index}]`));
  const links = linksBetween(elements);
  for (const element of elements) addElement(element, links, reader);
}

function elementOf(item: unknown, at: string): Element[] {
  if (!isObject(item)) return [];
  const properties = find(item, "properties");
  const kind = text(item, "kind") ?? "";
  const inside = isObject(properties?.value);
  return [
    {
      kind: kind.slice(0, 60).toLowerCase(),
      id: text(item, "id")?.toLowerCase(),
      body: isObject(properties?.value) ? properties.value : item,
      at: inside ? `${at}.${properties?.key}` : at,
    },
  ];
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

type Add = (element: Element, reader: Reader, links: Links) => void;

const adders: ReadonlyMap<string, Add> = new Map<string, Add>([
  ["ip", addAddress],
  ["account", addAccount],
  ["host", addHost],
  ["file", addFile],
  ["filehash", addFileHash],
  ["mailmessage", addSender],
  [
    "azureresource",
    ({ body, at }, { entities }) =>
      entities.add("azure-resource", "victim", { resourceId: readResourceId(value(body, "resourceId")) }, at),
  ],
  [
    "cloudapplication",
    ({ body, at }, { entities }) => {
      const details = { cloudAppId: number(body, "appId"), name: text(body, "appName") };
      entities.add("cloud-app", "context", details, at);
    },
  ],
  ["url", ({ body, at }, { entities }) => entities.add("url", "context", { url: text(body, "url") }, at)],
  [
    "dnsresolution",
    ({ body, at }, { entities }) =>
      entities.add("domain", "context", { domain: text(body, "domainName")?.toLowerCase() }, at),
  ],
  [
    "mailbox",
    ({ body, at }, { entities }) =>
      entities.add("mailbox", "victim", { address: readUpn(value(body, "mailboxPrimaryAddress")) }, at),
  ],
  // The alerts of an incident are listed among its entities too.
  ["securityalert", () => undefined],
]);

function addElement(element: Element, links: Links, reader: Reader): void {
  const add = adders.get(element.kind);
  if (add) add(element, reader, links);
  else reader.entities.leaveOut(element.kind);
}

function addAddress({ id, body, at }: Element, { entities }: Reader, { own, asked }: Links): void {
  const field = find(body, "address");
  const foundAt = `${at}.${field?.key ?? "address"}`;
  if (id && own.has(id)) entities.address("victim", field?.value, foundAt);
  else if (id && asked.has(id)) entities.address("context", field?.value, foundAt);
  else entities.address("attacker", field?.value, foundAt, { implied: true });
}

function addAccount({ body, at }: Element, { entities, accounts }: Reader): void {
  const name = text(body, "accountName") ?? text(body, "name");
  const suffix = text(body, "upnSuffix");
  const upn = readUpn(name) ?? readUpn(value(body, "userPrincipalName")) ?? readUpn(suffix && `${name}@${suffix}`);
  const objectId = readGuid(value(body, "aadUserId"));
  if (accounts === "attacker" && objectId && !name && !upn) {
    entities.add("principal", accounts, { objectId }, at);
    return;
  }
  const domain = value(body, "ntDomain");
  addUser(entities, accounts, { objectId, upn, name, domain, sid: value(body, "sid") }, at);
}

function addHost({ body, at }: Element, reader: Reader): void {
  const { entities, notes } = reader;
  const azureId = readResourceId(value(body, "azureID"));
  const more = find(body, "additionalData");
  const extra = isObject(more?.value) ? more.value : {};
  const extraAt = `${at}.${more?.key}`;
  for (const name of ["lastIpAddress", "lastExternalIpAddress", "ipInterfaces"])
    addOwn(find(extra, name), extraAt, reader);
  if (azureId && !isMachineId(azureId)) {
    entities.add("azure-resource", "victim", { resourceId: azureId }, at);
    return;
  }
  const mdeId = find(extra, "mdatpDeviceId") ?? find(extra, "mdeDeviceId");
  const mdeDeviceId = readMdeDeviceId(mdeId?.value);
  if (!mdeDeviceId && meant(mdeId?.value))
    notes.push(`${extraAt}.${mdeId?.key}: not a machine id of Defender for Endpoint, ignored`);
  const details = {
    ...namesOf(text(body, "hostName") ?? text(body, "netBiosName"), text(body, "dnsDomain"), value(extra, "fqdn")),
    resourceId: azureId,
    mdeDeviceId,
    azureAdDeviceId: readGuid(value(extra, "aadDeviceId")),
    agentId: readGuid(value(body, "omsAgentID")),
  };
  entities.add("host", "victim", details, at);
}

/** What a device says of its own addresses: text, `{ "Address": … }`, or a list of either. */
function addOwn(field: { key: string; value: unknown } | undefined, at: string, { entities }: Reader): void {
  const held = Array.isArray(field?.value) ? field.value : [field?.value];
  for (const one of held) {
    const address = isObject(one) ? value(one, "address") : one;
    if (meant(address)) entities.address("victim", address, `${at}.${field?.key}`);
  }
}

function namesOf(name: string | undefined, domain: string | undefined, known: unknown) {
  const fqdn = readFqdn(known) ?? readFqdn(name) ?? (name && domain ? readFqdn(`${name}.${domain}`) : undefined);
  return { name: readFqdn(name) ? name?.split(".")[0] : name, fqdn };
}

function addSender({ body, at }: Element, { entities }: Reader): void {
  const sender = find(body, "senderIP");
  // Mostly the relay of a large provider: somebody else's customers send through it too.
  if (meant(sender?.value)) entities.address("context", sender?.value, `${at}.${sender?.key}`);
  else entities.leaveOut("mailmessage");
}

function addFile({ body, at }: Element, { entities }: Reader, { hashes }: Links): void {
  const details: Hashes = {};
  for (const id of hashIdsOf(body)) Object.assign(details, hashOf(hashes.get(id)?.body ?? {}));
  const name = text(body, "fileName") ?? text(body, "name");
  entities.add("file", "context", { name, directory: text(body, "directory"), ...details }, at);
}

function addFileHash({ id, body, at }: Element, { entities }: Reader, { claimed }: Links): void {
  if (id === undefined || !claimed.has(id)) entities.add("file", "context", hashOf(body), at);
}

function hashIdsOf(file: Json): string[] {
  return list(file, "fileHashEntityIds").items.flatMap((id) => meant(id)?.toLowerCase() ?? []);
}

interface Hashes {
  md5?: string;
  sha1?: string;
  sha256?: string;
}

function hashOf(body: Json): Hashes {
  const hash = (text(body, "hashValue") ?? text(body, "value"))?.toLowerCase() ?? "";
  if (!/^[0-9a-f]+$/.test(hash)) return {};
  // `SHA256AC` is Authenticode's: not the hash of the file.
  const algorithm = text(body, "algorithm")?.toLowerCase().replaceAll(/\W/g, "");
  if (algorithm === "md5" && hash.length === 32) return { md5: hash };
  if (algorithm === "sha1" && hash.length === 40) return { sha1: hash };
  return algorithm === "sha256" && hash.length === 64 ? { sha256: hash } : {};
}
