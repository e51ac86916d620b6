import { hash } from "node:crypto";
import type { Source } from "./alert.ts";

/** Short, stable, legal everywhere: instance ids and table keys allow neither `/ \ # ?` nor control characters. */
export function alertKey(source: Source, productId: string): string {
  const digest = hash("sha256", `${source}\n${productId.toLowerCase()}`, "hex");
  return `${source}-${digest.slice(0, 32)}`;
}
