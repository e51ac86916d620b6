import { isObject, isTrue, text } from "../fields.ts";
import { isReference } from "../references.ts";
import { readConnection, readDns, readIp } from "./address-kinds.ts";
import { readFile, readFileHash, readProcess } from "./file-kinds.ts";
import type { Gathering, Listed, Reader } from "./listed.ts";
import {
  readAccount,
  readAzureResource,
  readBlob,
  readCloudApp,
  readHost,
  readMailbox,
  readUrl,
} from "./target-kinds.ts";

/** By the type in small letters. Every other type is left out. */
const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["account", readAccount],
  ["azure-resource", readAzureResource],
  ["blob", readBlob],
  ["cloud-application", readCloudApp],
  ["dns", readDns],
  ["file", readFile],
  ["filehash", readFileHash],
  ["host", readHost],
  ["ip", readIp],
  ["mailbox", readMailbox],
  ["network-connection", readConnection],
  ["process", readProcess],
  ["url", readUrl],
]);

/** Names say which addresses they stand for, and files which hashes are theirs: to be known before either is met alone. */
const first = new Set(["dns", "file"]);

/** Reads the list of entities; whatever is of no use to a containment is counted. */
export function readListedEntities(list: { key: string; items: readonly unknown[] }, to: Gathering): void {
  const rest: Listed[] = [];
  let met: Set<unknown> | undefined;
  for (const [index, entry] of list.items.entries()) {
    let at = `${list.key}[${index}]`;
    let item: unknown = entry;
    if (isObject(entry) && isReference(entry)) {
      const target = to.references.follow(entry, at);
      // What stands in the list itself is read there.
      met ??= new Set(list.items);
      if (target === undefined || met.has(target.object)) continue;
      met.add(target.object);
      item = target.object;
      at = target.at;
    }
    if (!isObject(item)) {
      to.entities.leaveOut("no-object");
      continue;
    }
    const listed: Listed = { item, at, type: text(item, "type")?.toLowerCase() ?? "", asset: isTrue(item, "asset") };
    if (first.has(listed.type)) readOne(listed, to);
    else rest.push(listed);
  }
  for (const listed of rest) readOne(listed, to);
}

function readOne(listed: Listed, to: Gathering): void {
  if (!readers.get(listed.type)?.(listed, to)) to.entities.leaveOut(listed.type);
}
