import { isObject, isTrue, text } from "../fields.ts";
import { createWords } from "../words.ts";
import { readConnection, readDns, readIp } from "./address-kinds.ts";
import { readFile, readFileHash, readMalware, readProcess } from "./file-kinds.ts";
import { type Gathering, type Listed, type Reader, roleOf } from "./listed.ts";
import { isReference } from "./references.ts";
import {
  readAccount,
  readAzureResource,
  readBlob,
  readCloudApp,
  readHost,
  readMailbox,
  readUrl,
} from "./target-kinds.ts";

/** By the type. Every other type is left out. */
const readerOf = createWords<Reader>({
  account: readAccount,
  "azure-resource": readAzureResource,
  blob: readBlob,
  "cloud-application": readCloudApp,
  dns: readDns,
  file: readFile,
  filehash: readFileHash,
  host: readHost,
  ip: readIp,
  mailbox: readMailbox,
  malware: readMalware,
  "network-connection": readConnection,
  process: readProcess,
  url: readUrl,
});

/** Reads the list of entities; whatever is of no use to a containment is counted. */
export function readListedEntities(list: readonly unknown[], at: string, to: Gathering): void {
  const standing: Listed[] = [];
  const rest: Listed[] = [];
  const connections: Listed[] = [];
  let met: Set<unknown> | undefined;
  for (let index = 0; index < list.length; index++) {
    let item = list[index];
    let itemAt = `${at}[${index}]`;
    if (isObject(item) && isReference(item)) {
      const target = to.references.follow(item, itemAt);
      // What stands in the list itself is read there.
      met ??= new Set(list);
      if (target === undefined || met.has(target.object)) continue;
      met.add(target.object);
      item = target.object;
      itemAt = target.at;
    }
    if (!isObject(item)) {
      to.entities.leaveOut("no-object");
      continue;
    }
    const type = text(item, "type") ?? "";
    const reader = readerOf(type);
    to.hasAsset ||= isTrue(item, "asset");
    standing.push({ item, at: itemAt, type, reader, role: roleOf(item) });
  }
  to.hasOneAccount = standing.filter(({ reader }) => reader === readAccount).length === 1;
  for (const listed of standing) {
    const { reader } = listed;
    // Files say which hashes are theirs: to be known before one is met alone.
    if (reader === readFile) readOne(listed, to);
    // Which end of a connection is ours, other places tell.
    else if (reader === readConnection) connections.push(listed);
    else rest.push(listed);
  }
  for (const listed of rest) readOne(listed, to);
  for (const listed of connections) readOne(listed, to);
}

function readOne(listed: Listed, to: Gathering): void {
  if (!listed.reader?.(listed, to)) to.entities.leaveOut(listed.type);
}
