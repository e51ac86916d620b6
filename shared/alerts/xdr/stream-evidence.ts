import type { Entities } from "../entities.ts";
import type { Role } from "../entity.ts";
import { addUser } from "../families/account.ts";
import { find, isObject, isTrue, type Json, list, number, text, value } from "../fields.ts";
import { readGuid, readResourceId } from "../ids.ts";
import { embeddedObject } from "./embedded-json.ts";
import { addOwnAddress, type Findings } from "./findings.ts";
import { addMailbox, recipientRole } from "./graph-mail.ts";
import { addMachine } from "./machine.ts";

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

type ReadEntity = (record: StreamRecord, findings: Findings) => void;

/** AlertEvidence: https://learn.microsoft.com/defender-xdr/advanced-hunting-alertevidence-table */
export function readStreamEvidence(evidence: readonly Json[], findings: Findings): void {
  const records = evidence.map((columns, index): StreamRecord => {
    const isImpacted = text(columns, "EvidenceRole")?.toLowerCase() === "impacted";
    return {
      columns,
      more: embeddedObject(value(columns, "AdditionalFields")),
      type: text(columns, "EntityType")?.toLowerCase() ?? "",
      role: isImpacted ? "victim" : "context",
      at: `AlertEvidence[${index}]`,
    };
  });
  const known = new Set<string>();
  for (const record of records) {
    if (record.type === "machine") known.add(text(record.columns, "DeviceId")?.toLowerCase() ?? "");
    readEntity(record, findings);
    readAddresses(record, findings);
  }
  // A record of something else names the machine that it was seen on. It is worth a line where no record is the machine's own.
  for (const { columns, at } of records) {
    const id = text(columns, "DeviceId")?.toLowerCase();
    if (!id || known.has(id)) continue;
    known.add(id);
    addMachine(findings, "context", { ...deviceOf(columns, at), dnsName: value(columns, "DeviceName") }, at);
  }
}

const readers: ReadonlyMap<string, ReadEntity> = new Map<string, ReadEntity>([
  ["machine", readMachine],
  ["user", ({ columns, role, at }, { entities }) => addAccount(columns, role, at, entities)],
  ["mailbox", readMailbox],
  ["mailmessage", readMailMessage],
  ["process", readProcess],
  ["file", (record, { entities }) => addFile(record, entities)],
  ["url", readUrl],
  ["cloudapplication", readCloudApplication],
  ["oauthapplication", readOauthApplication],
  // Addresses are read from every record, whatever it is about.
  ["ip", () => undefined],
]);

function readEntity(record: StreamRecord, findings: Findings): void {
  const { columns, more, role, type, at } = record;
  const read = readers.get(type);
  const resourceId = readResourceId(value(columns, "ResourceID") ?? value(more, "ResourceId"));
  if (read) read(record, findings);
  else if (resourceId) findings.entities.add("azure-resource", role, { resourceId }, at);
  else findings.entities.leaveOut(type);
}

function readMailbox({ columns, more, role, at }: StreamRecord, { entities }: Findings): void {
  addMailbox(entities, role, text(more, "MailboxPrimaryAddress") ?? text(columns, "AccountUpn"), at);
  addAccount(columns, role, at, entities);
}

/** Whose mailbox it came into was attacked, however much the message itself is only "Related". */
function readMailMessage({ columns, more, at }: StreamRecord, { entities }: Findings): void {
  const role = recipientRole(columns, text(more, "AntispamDirection"));
  addMailbox(entities, role, text(more, "Recipient") ?? text(columns, "AccountUpn"), at);
}

/** Who ran it is context: the account of a process is as often the machine's own. */
function readProcess(record: StreamRecord, { entities }: Findings): void {
  addFile(record, entities);
  addAccount(record.columns, "context", record.at, entities);
}

function readUrl({ columns, more, role, at }: StreamRecord, { entities }: Findings): void {
  entities.add("url", role, { url: text(columns, "RemoteUrl") ?? text(more, "Url") }, at);
}

function readCloudApplication({ columns, role, at }: StreamRecord, { entities }: Findings): void {
  const detail = { cloudAppId: number(columns, "ApplicationId"), name: text(columns, "Application") };
  entities.add("cloud-app", role, detail, at);
}

function readOauthApplication({ columns, role, at }: StreamRecord, { entities }: Findings): void {
  const detail = { appId: readGuid(value(columns, "OAuthApplicationId")), name: text(columns, "Application") };
  entities.add("application", role, detail, at);
}

function readMachine({ columns, more, role, at }: StreamRecord, findings: Findings): void {
  const machine = {
    ...deviceOf(columns, at),
    dnsName: value(columns, "DeviceName"),
    hostName: value(more, "HostName"),
    dnsDomain: value(more, "DnsDomain"),
    azureAdDeviceId: value(more, "AadDeviceId"),
    resourceId: readResourceId(value(columns, "ResourceID")) ?? value(more, "AzureID"),
  };
  addMachine(findings, role, machine, at);
}

function deviceOf(columns: Json, at: string) {
  const id = find(columns, "DeviceId");
  return id ? { mdeDeviceId: { raw: id.value, foundAt: `${at}.${id.key}` } } : {};
}

/** Who talked to whom: `RemoteIP` is the other side's, `LocalIP` and whatever a host calls its own are ours. */
function readAddresses(record: StreamRecord, findings: Findings): void {
  const { columns, more, type, role, at } = record;
  const { entities } = findings;
  addOwnAddress(findings, text(columns, "LocalIP"), `${at}.LocalIP`);
  readHostAddresses(more, `${at}.AdditionalFields`, 0, findings);
  const remote = text(columns, "RemoteIP");
  const address = remote ?? (type === "ip" ? text(more, "Address") : undefined);
  if (!address) return;
  const foundAt = remote ? `${at}.RemoteIP` : `${at}.AdditionalFields.Address`;
  if (type === "ip" && (role === "victim" || isTrue(more, "Asset"))) entities.address("victim", address, foundAt);
  else if (type === "ip" && text(more, "LastVerdict")?.toLowerCase() === "nothreatsfound")
    entities.address("context", address, foundAt);
  else entities.address("attacker", address, foundAt);
}

const hostAddresses = ["LastIpAddress", "LastExternalIpAddress"];

/** Hosts stand in files, in processes, and in the parents of processes: their own addresses are never an attacker's. */
function readHostAddresses(holder: Json, at: string, depth: number, findings: Findings): void {
  if (text(holder, "Type")?.toLowerCase() === "host") {
    const interfaces = list(holder, "IpInterfaces");
    for (const [index, ip] of interfaces.items.entries())
      addOwnAddress(findings, isObject(ip) ? value(ip, "Address") : ip, `${at}.${interfaces.key}[${index}]`);
    for (const name of hostAddresses) {
      const field = find(holder, name);
      const address = isObject(field?.value) ? value(field.value, "Address") : field?.value;
      addOwnAddress(findings, address, `${at}.${field?.key}`);
    }
  }
  if (depth === 4) return;
  for (const name of ["Host", "ImageFile", "ParentProcess"]) {
    const field = find(holder, name);
    if (isObject(field?.value)) readHostAddresses(field.value, `${at}.${field.key}`, depth + 1, findings);
  }
}

function addAccount(columns: Json, role: Role, at: string, entities: Entities): void {
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
