import type { Entities } from "../entities.ts";
import { addUser, type RawAccount } from "../families/account.ts";
import { find, isObject, type Json, number, text, value } from "../fields.ts";
import type { Findings } from "./findings.ts";
import { addMailbox } from "./graph-mail.ts";
import { isHarmless } from "./graph-roles.ts";

type ReadRecord = (record: Json, at: string, entities: Entities) => void;

/** Evidence of Defender for Endpoint and of the incidents API: records that have every column, most of them null, and no roles. */
export function readFlatEvidence(alert: Json, name: string, at: string, { entities }: Findings): void {
  const field = find(alert, name);
  const path = `${at}${field?.key ?? name}`;
  // Some collectors write one event a record, with the record where the list was.
  if (isObject(field?.value)) readRecord(field.value, path, entities);
  if (!Array.isArray(field?.value)) return;
  for (const [index, item] of field.value.entries()) {
    if (isObject(item)) readRecord(item, `${path}[${index}]`, entities);
    else entities.leaveOut("");
  }
}

const readers: ReadonlyMap<string, ReadRecord> = new Map<string, ReadRecord>([
  ["user", (record, at, entities) => addUser(entities, "victim", accountOf(record), at)],
  ["file", (record, at, entities) => entities.add("file", "context", fileOf(record), at)],
  ["process", readProcess],
  ["ip", readIp],
  ["url", (record, at, entities) => entities.add("url", "context", { url: text(record, "url") }, at)],
  ["mailbox", readMailbox],
  ["mailmessage", (record, at, entities) => addMailbox(entities, "victim", value(record, "recipient"), at)],
  ["cloudapplication", readCloudApplication],
]);

function readRecord(record: Json, at: string, entities: Entities): void {
  const type = text(record, "entityType")?.toLowerCase() ?? "";
  const read = readers.get(type);
  if (read) read(record, at, entities);
  else entities.leaveOut(type);
}

/** Who ran it is context: the account of a process is as often the machine's own. */
function readProcess(record: Json, at: string, entities: Entities): void {
  entities.add("file", "context", fileOf(record), at);
  addUser(entities, "context", accountOf(record), at);
}

/** Merely there: the attacker's, if no other place names the attacker. */
function readIp(record: Json, at: string, entities: Entities): void {
  const address = find(record, "ipAddress");
  const foundAt = `${at}.${address?.key ?? "ipAddress"}`;
  if (isHarmless(record)) entities.address("context", address?.value, foundAt);
  else entities.address("attacker", address?.value, foundAt, { implied: true });
}

function readMailbox(record: Json, at: string, entities: Entities): void {
  addMailbox(entities, "victim", text(record, "mailboxAddress") ?? text(record, "userPrincipalName"), at);
  addUser(entities, "victim", accountOf(record), at);
}

function readCloudApplication(record: Json, at: string, entities: Entities): void {
  const detail = { cloudAppId: number(record, "applicationId"), name: text(record, "applicationName") };
  entities.add("cloud-app", "context", detail, at);
}

function accountOf(record: Json): RawAccount {
  return {
    objectId: value(record, "aadUserId"),
    upn: value(record, "userPrincipalName"),
    name: value(record, "accountName"),
    domain: value(record, "domainName"),
    sid: value(record, "userSid"),
  };
}

export function fileOf(record: Json) {
  return {
    name: text(record, "fileName"),
    directory: text(record, "filePath"),
    sha1: text(record, "sha1"),
    sha256: text(record, "sha256"),
  };
}
