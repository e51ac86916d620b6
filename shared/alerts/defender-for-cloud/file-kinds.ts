import { each, find, type Json, join, text } from "../fields.ts";
import { type Hashes, readHash } from "../ids.ts";
import { type Gathering, type Listed, roleOf } from "./listed.ts";

export function readFile({ item, at, role }: Pick<Listed, "item" | "at" | "role">, to: Gathering): boolean {
  to.taken.add(item);
  const hashes: Hashes = {};
  each(item, "fileHashes", at, (one, oneAt) => {
    const hash = to.references.follow(one, oneAt)?.object;
    if (!hash) return;
    to.taken.add(hash);
    Object.assign(hashes, hashIn(hash));
  });
  const detail = { name: text(item, "name"), directory: text(item, "directory"), ...hashes };
  to.entities.add("file", role ?? "context", detail, at);
  return true;
}

/** A hash that stands alone. */
export function readFileHash({ item, at, role }: Listed, { entities, taken }: Gathering): boolean {
  if (taken.has(item)) return true;
  const hash = hashIn(item);
  entities.add("file", role ?? "context", hash, at);
  return Object.keys(hash).length > 0;
}

/** Of a process, only the file that it ran is of use. */
export function readProcess({ item, at }: Listed, to: Gathering): boolean {
  const field = find(item, "imageFile");
  const image = field && to.references.follow(field.value, join(at, field.key));
  if (!image || (text(image.object, "type") ?? "file").toLowerCase() !== "file") return false;
  if (to.taken.has(image.object)) return true;
  return readFile({ item: image.object, at: image.at, role: roleOf(image.object) }, to);
}

/** Nothing to contain, but the product's name for what it found. */
export function readMalware({ item }: Listed, { entities }: Gathering): boolean {
  const name = text(item, "name");
  if (name !== undefined) entities.threats.push(name);
  return false;
}

function hashIn(item: Json): Hashes {
  return readHash(text(item, "algorithm"), text(item, "value"));
}
