import type { Entities } from "../entities.ts";
import { each, isObject, type Json, meant, number, text } from "../fields.ts";
import { readGuid } from "../ids.ts";
import { createWords } from "../words.ts";
import { statedRole } from "./evidence-role.ts";
import { readFile, readFileHash, readMalware, readProcess } from "./graph-files.ts";
import { readDevice, readHostLogonSession, readIotDevice, readNic } from "./graph-machine.ts";
import {
  readAnalyzedMessage,
  readMailbox,
  readMailboxConfiguration,
  readSubmittedMail,
  readTeamsMessage,
} from "./graph-mail.ts";
import { readDnsEvidence, readIpEvidence, readNetworkConnection } from "./graph-network.ts";
import { readAzureResource, readBlob, readKubernetes, readStorage } from "./graph-resources.ts";
import { readSessionAccount, readUserEvidence } from "./graph-user.ts";

type ReadEvidence = (evidence: Json, at: string, entities: Entities) => void;

/**
 * One entry a kind of evidence that can hold something to contain; what is not here is counted and left out (registry keys,
 * mail clusters, resources of other clouds). https://learn.microsoft.com/graph/api/resources/security-alertevidence
 */
const readerOf = createWords<ReadEvidence>({
  analyzedMessage: readAnalyzedMessage,
  azureResource: readAzureResource,
  blob: readBlob,
  blobContainer: readStorage,
  cloudApplication: readCloudApplication,
  cloudLogonSession: readSessionAccount,
  container: readKubernetes,
  device: (evidence, at, entities) => readDevice(evidence, at, entities),
  dns: readDnsEvidence,
  file: readFile,
  fileHash: readFileHash,
  hostLogonSession: readHostLogonSession,
  ioTDevice: readIotDevice,
  ip: readIpEvidence,
  kubernetesCluster: readKubernetes,
  kubernetesController: readKubernetes,
  kubernetesNamespace: readKubernetes,
  kubernetesPod: readKubernetes,
  kubernetesSecret: readKubernetes,
  kubernetesService: readKubernetes,
  kubernetesServiceAccount: readKubernetes,
  mailbox: readMailbox,
  mailboxConfiguration: readMailboxConfiguration,
  malware: readMalware,
  networkConnection: readNetworkConnection,
  nic: readNic,
  oauthApplication: readOauthApplication,
  process: readProcess,
  sasToken: readStorage,
  servicePrincipal: readServicePrincipal,
  submissionMail: readSubmittedMail,
  teamsMessage: readTeamsMessage,
  url: readUrl,
  user: readUserEvidence,
});

export function readGraphEvidence(alert: Json, at: string, entities: Entities): void {
  const connections: [Json, string][] = [];
  each(alert, "evidence", at, (evidence, path) => {
    const type = isObject(evidence) ? typeOf(evidence) : "";
    const read = readerOf(type);
    if (!isObject(evidence) || !read) entities.leaveOut(type);
    // Which end of a connection is ours, the other evidence tells.
    else if (read === readNetworkConnection) connections.push([evidence, path]);
    else read(evidence, path, entities);
  });
  for (const [evidence, path] of connections) readNetworkConnection(evidence, path, entities);
}

/** `user` of `#microsoft.graph.security.userEvidence`. */
function typeOf(evidence: Json): string {
  const name = odataType(evidence) ?? "";
  const end = /evidence$/i.test(name) ? -"evidence".length : undefined;
  return name.slice(name.lastIndexOf(".") + 1, end);
}

/** `@odata.type`, which exporters whose stores cannot have such a name spell `at_sign_odata_type` and the like. */
export function odataType(object: Json): string | undefined {
  if (Object.hasOwn(object, "@odata.type")) return meant(object["@odata.type"]);
  for (const key of Object.keys(object)) if (/odata.?type$/i.test(key)) return meant(object[key]);
  return undefined;
}

function readUrl(evidence: Json, at: string, entities: Entities): void {
  entities.add("url", statedRole(evidence) ?? "context", { url: text(evidence, "url") }, at);
}

function readServicePrincipal(evidence: Json, at: string, entities: Entities): void {
  const detail = {
    objectId: readGuid(text(evidence, "servicePrincipalObjectId")),
    appId: readGuid(text(evidence, "appId")),
    name: text(evidence, "servicePrincipalName"),
  };
  entities.add("service-principal", statedRole(evidence) ?? "context", detail, at);
}

/** An application as Entra knows it; `appId` is its client id. */
function readOauthApplication(evidence: Json, at: string, entities: Entities): void {
  const appId = readGuid(text(evidence, "appId"));
  if (!appId) entities.notes.push(`${at}.appId: not a client id of Entra, so there is no application to act on`);
  const detail = { appId, objectId: readGuid(text(evidence, "objectId")), name: text(evidence, "displayName") };
  entities.add("application", statedRole(evidence) ?? "context", detail, at);
}

/** An application in the catalogue of Defender for Cloud Apps: here `appId` is a number, and no id of Entra's. */
function readCloudApplication(evidence: Json, at: string, entities: Entities): void {
  const detail = {
    cloudAppId: number(evidence, "appId") ?? number(evidence, "saasAppId"),
    name: text(evidence, "displayName"),
  };
  entities.add("cloud-app", statedRole(evidence) ?? "context", detail, at);
}
