import type { Role } from "../entity.ts";
import { find, isObject, isTrue, type Json, join, text } from "../fields.ts";
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

interface Kind {
  /** Without one it is left out. */
  read?: Reader;
  /** Fields with entities, and of which type. Mostly those are listed as well; where they are not, they are read all the same. */
  holds?: Readonly<Record<string, string>>;
}

/** By the type. Every other type is left out. */
const kindOf = createWords<Kind>({
  account: { read: readAccount },
  "azure-resource": { read: readAzureResource },
  blob: { read: readBlob, holds: { blobContainer: "blob-container" } },
  "blob-container": { holds: { storageResource: "azure-resource" } },
  "cloud-application": { read: readCloudApp },
  container: { holds: { pod: "k8s-pod" } },
  dns: { read: readDns },
  file: { read: readFile },
  filehash: { read: readFileHash },
  host: { read: readHost },
  "host-logon-session": { holds: { account: "account", host: "host" } },
  ip: { read: readIp },
  "K8s-cluster": { holds: { cloudResource: "azure-resource" } },
  "K8s-namespace": { holds: { cluster: "k8s-cluster" } },
  "K8s-pod": { holds: { namespace: "k8s-namespace" } },
  mailbox: { read: readMailbox },
  malware: { read: readMalware },
  "network-connection": { read: readConnection },
  process: { read: readProcess },
  url: { read: readUrl },
});

/** Reads the list of entities; whatever is of no use to a containment is counted. */
export function readListedEntities(list: readonly unknown[], at: string, to: Gathering): void {
  const standing = listedIn(list, at, to);
  to.hasOneAccount = standing.filter(({ reader }) => reader === readAccount).length === 1;
  const rest: Listed[] = [];
  const connections: Listed[] = [];
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

/** Every entity once: those of the list, and behind them those that only stand within others. */
function listedIn(list: readonly unknown[], at: string, to: Gathering): Listed[] {
  const standing: Listed[] = [];
  const holders: { listed: Listed; holds: NonNullable<Kind["holds"]> }[] = [];
  let met: Set<unknown> | undefined;
  const isMet = (item: Json) => {
    // What stands in the list itself is read there.
    met ??= new Set(list);
    if (met.has(item)) return true;
    met.add(item);
    return false;
  };
  const stand = (item: Json, itemAt: string, holdersRole?: Role) => {
    const type = text(item, "type") ?? "";
    const kind = kindOf(type);
    to.hasAsset ||= isTrue(item, "asset");
    const listed = { item, at: itemAt, type, reader: kind?.read, role: roleOf(item) ?? holdersRole };
    standing.push(listed);
    if (kind?.holds) holders.push({ listed, holds: kind.holds });
  };

  for (let index = 0; index < list.length; index++) {
    const item = list[index];
    const itemAt = `${at}[${index}]`;
    if (!isObject(item)) to.entities.leaveOut("no-object");
    else if (isReference(item)) {
      const target = to.references.follow(item, itemAt);
      if (target && !isMet(target.object)) stand(target.object, target.at);
    } else stand(item, itemAt);
  }
  // It grows meanwhile: a pod is in a namespace, which is in a cluster.
  for (const { listed, holds } of holders) {
    for (const [name, type] of Object.entries(holds)) {
      const field = find(listed.item, name);
      const held = field && to.references.follow(field.value, join(listed.at, field.key));
      if (!held || text(held.object, "type")?.toLowerCase() !== type || isMet(held.object)) continue;
      stand(held.object, held.at, listed.role);
    }
  }
  return standing;
}

function readOne(listed: Listed, to: Gathering): void {
  if (!listed.reader?.(listed, to)) to.entities.leaveOut(listed.type);
}
