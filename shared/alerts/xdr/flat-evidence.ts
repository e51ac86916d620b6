import { addUser, type RawAccount } from "../account.ts";
import type { Claim, Entities } from "../entities.ts";
import { eachOf, find, isObject, type Json, join, number, text, value } from "../fields.ts";
import { createWords } from "../words.ts";
import { isHarmless } from "./evidence-role.ts";
import { addMailbox } from "./mailbox.ts";

type ReadRecord = (record: Json, at: string, entities: Entities) => void;

/** Evidence of Defender for Endpoint and of the incidents API: records that have every column, most of them null, and no roles. */
export function readFlatEvidence(alert: Json, name: string, at: string, entities: Entities): void {
  const field = find(alert, name);
  if (!field) return;
  const path = join(at, field.key);
  // Some collectors write one event a record, with the record where the list was.
  if (isObject(field.value)) readRecord(field.value, path, entities);
  if (!Array.isArray(field.value)) return;
  eachOf(field.value, path, (item, itemAt) => {
    if (isObject(item)) readRecord(item, itemAt, entities);
    else entities.leaveOut("");
  });
}

const readerOf = createWords<ReadRecord>({
  User: (record, at, entities) => addUser(entities, "victim", accountOf(record), at),
  File: (record, at, entities) => entities.add("file", "context", fileOf(record), at),
  Process: readProcess,
  Ip: (record, at, entities) => addIp(record, at, isHarmless(record) ? "context" : "implied attacker", entities),
  Url: (record, at, entities) => entities.add("url", "context", { url: text(record, "url") }, at),
  MailBox: readMailbox,
  MailMessage: (record, at, entities) => addMailbox(entities, "victim", value(record, "recipient"), at),
  CloudApplication: readCloudApplication,
});

function readRecord(record: Json, at: string, entities: Entities): void {
  const type = text(record, "entityType") ?? "";
  const read = readerOf(type);
  if (read) read(record, at, entities);
  else entities.leaveOut(type);
}

/** Who ran it is context: the account of a process is as often the machine's own. */
function readProcess(record: Json, at: string, entities: Entities): void {
  entities.add("file", "context", fileOf(record), at);
  addUser(entities, "context", accountOf(record), at);
}

export function addIp(record: Json, at: string, claim: Claim, entities: Entities): void {
  const address = find(record, "ipAddress");
  entities.address(claim, address?.value, join(at, address?.key ?? "ipAddress"));
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
