import { addUser } from "../account.ts";
import { embeddedObject } from "../embedded-json.ts";
import type { Entities } from "../entities.ts";
import type { Role } from "../entity.ts";
import { each, find, inner, isObject, isTrue, type Json, join, number, text, value } from "../fields.ts";
import { readGuid, readResourceId } from "../ids.ts";
import { createWords } from "../words.ts";
import { addMachine, addOwnAddress } from "./machine.ts";
import { addMailbox, addSenderAddress, recipientRole } from "./mailbox.ts";

/** The columns that say what an entity is. */
export const evidenceColumns = [
  "AccountName",
  "AccountDomain",
  "AccountSid",
  "AccountObjectId",
  "AccountUpn",
  "DeviceId",
  "DeviceName",
  "RemoteIP",
  "LocalIP",
  "RemoteUrl",
  "FileName",
  "FolderPath",
  "SHA1",
  "SHA256",
  "ApplicationId",
  "Application",
  "OAuthApplicationId",
  "ResourceID",
  "ThreatFamily",
  "AdditionalFields",
];

interface StreamRecord {
  columns: Json;
  /** What the columns have no room for: an entity as Sentinel spells it, in JSON text. */
  more: Json;
  type: string;
  role: Role;
  at: string;
}

type ReadEntity = (record: StreamRecord, entities: Entities) => void;

/** AlertEvidence: https://learn.microsoft.com/defender-xdr/advanced-hunting-alertevidence-table */
export function readStreamEvidence(evidence: readonly Json[], entities: Entities): void {
  const records = evidence.map((columns, index): StreamRecord => {
    const isImpacted = text(columns, "EvidenceRole")?.toLowerCase() === "impacted";
    return {
      columns,
      more: embeddedObject(value(columns, "AdditionalFields")),
      type: text(columns, "EntityType") ?? "",
      role: isImpacted ? "victim" : "context",
      at: `AlertEvidence[${index}]`,
    };
  });
  const known = new Set<string>();
  for (const record of records) {
    const threat = text(record.columns, "ThreatFamily");
    if (threat !== undefined) entities.threats.push(threat);
    if (readerOf(record.type) === readMachine) known.add(text(record.columns, "DeviceId")?.toLowerCase() ?? "");
    readEntity(record, entities);
    readAddresses(record, entities);
  }
  // A record of something else names the machine that it was seen on. It is worth a line where no record is the machine's own.
  for (const { columns, at } of records) {
    const id = text(columns, "DeviceId")?.toLowerCase();
    if (!id || known.has(id)) continue;
    known.add(id);
    const machine = { mdeDeviceId: find(columns, "DeviceId"), dnsName: value(columns, "DeviceName") };
    addMachine(entities, "context", machine, at);
  }
}

const readerOf = createWords<ReadEntity>({
  Machine: readMachine,
  User: addAccount,
  Mailbox: readMailbox,
  MailMessage: readMailMessage,
  Process: readProcess,
  File: addFile,
  Url: readUrl,
  CloudApplication: readCloudApplication,
  OAuthApplication: readOauthApplication,
  // Addresses are read from every record, whatever it is about.
  Ip: () => undefined,
});

function readEntity(record: StreamRecord, entities: Entities): void {
  const { columns, more, role, type, at } = record;
  const read = readerOf(type);
  if (read) {
    read(record, entities);
    return;
  }
  const resourceId = readResourceId(value(columns, "ResourceID") ?? value(more, "ResourceId"));
  if (resourceId) entities.add("azure-resource", role, { resourceId }, at);
  else entities.leaveOut(type);
}

function readMailbox(record: StreamRecord, entities: Entities): void {
  const { columns, more, role, at } = record;
  addMailbox(entities, role, text(more, "MailboxPrimaryAddress") ?? text(columns, "AccountUpn"), at);
  addAccount(record, entities);
}

/** Whose mailbox it came into was attacked, however much the message itself is only "Related". */
function readMailMessage({ columns, more, at }: StreamRecord, entities: Entities): void {
  const direction = text(more, "AntispamDirection");
  const role = recipientRole(columns, direction);
  addMailbox(entities, role, text(more, "Recipient") ?? text(columns, "AccountUpn"), at);
  const message = { message: more, name: "SenderIP", at: `${at}.AdditionalFields`, direction };
  addSenderAddress(entities, { ...message, isContext: isCleared(more) });
}

/** Who ran it is context: the account of a process is as often the machine's own. */
function readProcess(record: StreamRecord, entities: Entities): void {
  addFile(record, entities);
  addAccount({ ...record, role: "context" }, entities);
}

function readUrl({ columns, more, role, at }: StreamRecord, entities: Entities): void {
  entities.add("url", role, { url: text(columns, "RemoteUrl") ?? text(more, "Url") }, at);
}

function readCloudApplication({ columns, role, at }: StreamRecord, entities: Entities): void {
  const detail = { cloudAppId: number(columns, "ApplicationId"), name: text(columns, "Application") };
  entities.add("cloud-app", role, detail, at);
}

function readOauthApplication({ columns, role, at }: StreamRecord, entities: Entities): void {
  const detail = { appId: readGuid(value(columns, "OAuthApplicationId")), name: text(columns, "Application") };
  entities.add("application", role, detail, at);
}

function readMachine({ columns, more, role, at }: StreamRecord, entities: Entities): void {
  const machine = {
    mdeDeviceId: find(columns, "DeviceId"),
    dnsName: value(columns, "DeviceName"),
    hostName: value(more, "HostName"),
    dnsDomain: value(more, "DnsDomain"),
    azureAdDeviceId: value(more, "AadDeviceId"),
    resourceId: readResourceId(value(columns, "ResourceID")) ?? value(more, "AzureID"),
  };
  addMachine(entities, role, machine, at);
}

/** Who talked to whom: `RemoteIP` is the other side's, `LocalIP` and whatever a host calls its own are ours. */
function readAddresses({ columns, more, type, role, at }: StreamRecord, entities: Entities): void {
  addOwnAddress(entities, text(columns, "LocalIP"), `${at}.LocalIP`);
  readHostAddresses(more, `${at}.AdditionalFields`, 0, entities);
  const isIp = type.toLowerCase() === "ip";
  const remote = text(columns, "RemoteIP");
  const address = remote ?? (isIp ? text(more, "Address") : undefined);
  if (!address) return;
  const foundAt = remote ? `${at}.RemoteIP` : `${at}.AdditionalFields.Address`;
  if (isIp && (role === "victim" || isTrue(more, "Asset"))) entities.address("victim", address, foundAt);
  else if (isIp && isCleared(more)) entities.address("context", address, foundAt);
  else entities.address("attacker", address, foundAt);
}

/** An investigation has found that there is nothing to it. */
function isCleared(more: Json): boolean {
  return text(more, "LastVerdict")?.toLowerCase() === "nothreatsfound";
}

/** Hosts stand in files, in processes, and in the parents of processes: their own addresses are never an attacker's. */
function readHostAddresses(holder: Json, at: string, depth: number, entities: Entities): void {
  if (text(holder, "Type")?.toLowerCase() === "host") {
    const addOwn = (raw: unknown, foundAt: string) =>
      addOwnAddress(entities, isObject(raw) ? value(raw, "Address") : raw, foundAt);
    each(holder, "IpInterfaces", at, addOwn);
    for (const name of ["LastIpAddress", "LastExternalIpAddress"]) {
      const field = find(holder, name);
      if (field) addOwn(field.value, join(at, field.key));
    }
  }
  if (depth === 4) return;
  for (const name of ["Host", "ImageFile", "ParentProcess"]) {
    const held = inner(holder, name, at);
    if (held) readHostAddresses(held.object, held.at, depth + 1, entities);
  }
}

function addAccount({ columns, role, at }: StreamRecord, entities: Entities): void {
  const raw = {
    objectId: value(columns, "AccountObjectId"),
    upn: value(columns, "AccountUpn"),
    name: value(columns, "AccountName"),
    domain: value(columns, "AccountDomain"),
    sid: value(columns, "AccountSid"),
  };
  addUser(entities, role, raw, at);
}

function addFile({ columns, role, at }: StreamRecord, entities: Entities): void {
  const detail = {
    name: text(columns, "FileName"),
    directory: text(columns, "FolderPath"),
    sha1: text(columns, "SHA1"),
    sha256: text(columns, "SHA256"),
  };
  entities.add("file", role, detail, at);
}
