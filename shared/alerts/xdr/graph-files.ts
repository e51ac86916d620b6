import type { Entities } from "../entities.ts";
import type { Role } from "../entity.ts";
import { find, isObject, type Json, list, text } from "../fields.ts";
import type { Findings } from "./findings.ts";
import { fileOf } from "./flat-evidence.ts";
import { statedRole } from "./graph-roles.ts";
import { addGraphUser } from "./graph-user.ts";

export function readFile(evidence: Json, at: string, { entities }: Findings): void {
  addFile(evidence, "fileDetails", at, statedRole(evidence) ?? "context", entities);
}

/** Who ran it is context: the account of a process is as often the machine's own as the attacker's prey. */
export function readProcess(evidence: Json, at: string, findings: Findings): void {
  addFile(evidence, "imageFile", at, statedRole(evidence) ?? "context", findings.entities);
  addGraphUser(evidence, "userAccount", at, "context", findings);
}

export function readMalware(evidence: Json, at: string, findings: Findings): void {
  const files = list(evidence, "files");
  for (const [index, file] of files.items.entries())
    if (isObject(file)) readFile(file, `${at}.${files.key}[${index}]`, findings);
  const processes = list(evidence, "processes");
  for (const [index, process] of processes.items.entries())
    if (isObject(process)) readProcess(process, `${at}.${processes.key}[${index}]`, findings);
}

const hashNames: ReadonlyMap<string, "md5" | "sha1" | "sha256"> = new Map([
  ["md5", "md5"],
  ["sha1", "sha1"],
  ["sha256", "sha256"],
]);

export function readFileHash(evidence: Json, at: string, { entities }: Findings): void {
  const hash = hashNames.get((text(evidence, "algorithm") ?? "").toLowerCase());
  if (hash) entities.add("file", statedRole(evidence) ?? "context", { [hash]: text(evidence, "value") }, at);
}

function addFile(evidence: Json, name: string, at: string, role: Role, entities: Entities): void {
  const field = find(evidence, name);
  if (!isObject(field?.value)) return;
  entities.add("file", role, { ...fileOf(field.value), md5: text(field.value, "md5") }, `${at}.${field.key}`);
}
