import { find, isTrue, type Json, list, text } from "../fields.ts";
import type { Gathering, Listed } from "./listed.ts";

type Hashes = Partial<Record<"md5" | "sha1" | "sha256", string>>;

const lengths: ReadonlyMap<string, readonly [keyof Hashes, number]> = new Map([
  ["md5", ["md5", 32]],
  ["sha1", ["sha1", 40]],
  ["sha256", ["sha256", 64]],
]);

export function readFile({ item, at, asset }: Listed, to: Gathering): boolean {
  to.taken.add(item);
  const hashes: Hashes = {};
  const { key, items } = list(item, "fileHashes");
  for (const [index, one] of items.entries()) {
    const hash = to.references.follow(one, `${at}.${key}[${index}]`)?.object;
    if (!hash) continue;
    to.taken.add(hash);
    Object.assign(hashes, hashIn(hash));
  }
  const detail = { name: text(item, "name"), directory: text(item, "directory"), ...hashes };
  to.entities.add("file", asset ? "victim" : "context", detail, at);
  return true;
}

/** A hash that stands alone. */
export function readFileHash({ item, at, asset }: Listed, { entities, taken }: Gathering): boolean {
  if (taken.has(item)) return true;
  const hash = hashIn(item);
  if (hash) entities.add("file", asset ? "victim" : "context", hash, at);
  return hash !== undefined;
}

/** Of a process, only the file that it ran is of use. */
export function readProcess({ item, at }: Listed, to: Gathering): boolean {
  const field = find(item, "imageFile");
  const image = field && to.references.follow(field.value, `${at}.${field.key}`);
  if (!image || (text(image.object, "type") ?? "file").toLowerCase() !== "file") return false;
  if (to.taken.has(image.object)) return true;
  return readFile({ item: image.object, at: image.at, type: "file", asset: isTrue(image.object, "asset") }, to);
}

function hashIn(item: Json): Hashes | undefined {
  const [name, length] = lengths.get(text(item, "algorithm")?.toLowerCase().replace("-", "") ?? "") ?? [];
  const digits = text(item, "value")?.toLowerCase();
  if (!name || digits?.length !== length || !/^[0-9a-f]+$/.test(digits ?? "")) return undefined;
  return { [name]: digits };
}
