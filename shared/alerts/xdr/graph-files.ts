import type { Entities } from "../entities.ts";
import { eachObject, inner, type Json, text } from "../fields.ts";
import { statedRole } from "./evidence-role.ts";
import { fileOf } from "./flat-evidence.ts";
import { addGraphUser } from "./graph-user.ts";

export function readFile(evidence: Json, at: string, entities: Entities): void {
  addFile(evidence, "fileDetails", at, entities);
}

/** Who ran it is context: the account of a process is as often the machine's own as the attacker's prey. */
export function readProcess(evidence: Json, at: string, entities: Entities): void {
  addFile(evidence, "imageFile", at, entities);
  addGraphUser(evidence, "userAccount", at, "context", entities);
}

export function readMalware(evidence: Json, at: string, entities: Entities): void {
  const name = text(evidence, "name");
  if (name !== undefined) entities.threats.push(name);
  eachObject(evidence, "files", at, (file, path) => readFile(file, path, entities));
  eachObject(evidence, "processes", at, (process, path) => readProcess(process, path, entities));
}

export function readFileHash(evidence: Json, at: string, entities: Entities): void {
  const algorithm = text(evidence, "algorithm")?.toLowerCase();
  if (algorithm === "md5" || algorithm === "sha1" || algorithm === "sha256")
    entities.add("file", statedRole(evidence) ?? "context", { [algorithm]: text(evidence, "value") }, at);
}

function addFile(evidence: Json, name: string, at: string, entities: Entities): void {
  const file = inner(evidence, name, at);
  if (!file) return;
  const detail = { ...fileOf(file.object), md5: text(file.object, "md5") };
  entities.add("file", statedRole(evidence) ?? "context", detail, file.at);
}
