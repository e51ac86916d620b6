import { isObject, type Json, list, meant, number, text } from "../fields.ts";
import { readGuid } from "../ids.ts";
import type { Findings } from "../xdr/findings.ts";
import { readFile, readFileHash, readMalware, readProcess } from "../xdr/graph-files.ts";
import { readDevice, readHostLogonSession, readIotDevice, readNic } from "../xdr/graph-machine.ts";
import {
  readAnalyzedMessage,
  readMailbox,
  readMailboxConfiguration,
  readSubmittedMail,
  readTeamsMessage,
} from "../xdr/graph-mail.ts";
import { readDnsEvidence, readIpEvidence, readNetworkConnections } from "../xdr/graph-network.ts";
import { readAzureResource, readBlob, readKubernetes, readStorage } from "../xdr/graph-resources.ts";
import { statedRole } from "../xdr/graph-roles.ts";
import { readSessionAccount, readUserEvidence } from "../xdr/graph-user.ts";

type ReadEvidence = (evidence: Json, at: string, findings: Findings) => void;

/**
 * One entry a kind of evidence that can hold something to contain; what is not here is counted and left out (registry keys,
 * mail clusters, resources of other clouds). https://learn.microsoft.com/graph/api/resources/security-alertevidence
 */
const readers: ReadonlyMap<string, ReadEvidence> = new Map<string, ReadEvidence>([
  ["analyzedmessage", readAnalyzedMessage],
  ["azureresource", readAzureResource],
  ["blob", readBlob],
  ["blobcontainer", readStorage],
  ["cloudapplication", readCloudApplication],
  ["cloudlogonsession", readSessionAccount],
  ["container", readKubernetes],
  ["device", (evidence, at, findings) => readDevice(evidence, at, findings)],
  ["dns", readDnsEvidence],
  ["file", readFile],
  ["filehash", readFileHash],
  ["hostlogonsession", readHostLogonSession],
  ["iotdevice", readIotDevice],
  ["ip", readIpEvidence],
  ["kubernetescluster", readKubernetes],
  ["kubernetescontroller", readKubernetes],
  ["kubernetesnamespace", readKubernetes],
  ["kubernetespod", readKubernetes],
  ["kubernetessecret", readKubernetes],
  ["kubernetesservice", readKubernetes],
  ["kubernetesserviceaccount", readKubernetes],
  ["mailbox", readMailbox],
  ["mailboxconfiguration", readMailboxConfiguration],
  ["malware", readMalware],
  ["nic", readNic],
  ["oauthapplication", readOauthApplication],
  ["process", readProcess],
  ["sastoken", readStorage],
  ["serviceprincipal", readServicePrincipal],
  ["submissionmail", readSubmittedMail],
  ["teamsmessage", readTeamsMessage],
  ["url", readUrl],
  ["user", readUserEvidence],
]);

export function readGraphEvidence(alert: Json, at: string, findings: Findings): void {
  const connections: [Json, string][] = [];
  const { key, items } = list(alert, "evidence");
  for (const [index, evidence] of items.entries()) {
    const path = `${at}${key}[${index}]`;
    const type = isObject(evidence) ? typeOf(evidence) : "";
    if (!isObject(evidence)) findings.entities.leaveOut("");
    else if (type === "networkconnection") connections.push([evidence, path]);
    else {
      const read = readers.get(type);
      if (read) read(evidence, path, findings);
      else findings.entities.leaveOut(type);
    }
  }
  readNetworkConnections(connections, findings);
}

/** `userEvidence` of `#microsoft.graph.security.userEvidence` as `user`. */
function typeOf(evidence: Json): string {
  const name = odataType(evidence) ?? "";
  return name
    .slice(name.lastIndexOf(".") + 1)
    .toLowerCase()
    .replace(/evidence$/, "");
}

/** `@odata.type`, which exporters whose stores cannot have such a name spell `at_sign_odata_type` and the like. */
export function odataType(object: Json): string | undefined {
  if (Object.hasOwn(object, "@odata.type")) return meant(object["@odata.type"]);
  for (const key of Object.keys(object)) if (/odata.?type$/i.test(key)) return meant(object[key]);
  return undefined;
}

function readUrl(evidence: Json, at: string, { entities }: Findings): void {
  entities.add("url", statedRole(evidence) ?? "context", { url: text(evidence, "url") }, at);
}

function readServicePrincipal(evidence: Json, at: string, { entities }: Findings): void {
  const detail = {
    objectId: readGuid(text(evidence, "servicePrincipalObjectId")),
    appId: readGuid(text(evidence, "appId")),
    name: text(evidence, "servicePrincipalName"),
  };
  entities.add("service-principal", statedRole(evidence) ?? "context", detail, at);
}

/** An application as Entra knows it; `appId` is its client id. */
function readOauthApplication(evidence: Json, at: string, { entities, notes }: Findings): void {
  const appId = readGuid(text(evidence, "appId"));
  if (!appId) notes.push(`${at}.appId: not a client id of Entra, so there is no application to act on`);
  const detail = { appId, objectId: readGuid(text(evidence, "objectId")), name: text(evidence, "displayName") };
  entities.add("application", statedRole(evidence) ?? "context", detail, at);
}

/** An application in the catalogue of Defender for Cloud Apps: here `appId` is a number, and no id of Entra's. */
function readCloudApplication(evidence: Json, at: string, { entities }: Findings): void {
  const detail = {
    cloudAppId: number(evidence, "appId") ?? number(evidence, "saasAppId"),
    name: text(evidence, "displayName"),
  };
  entities.add("cloud-app", statedRole(evidence) ?? "context", detail, at);
}
