import { createHash } from "node:crypto";

/** Short, stable, legal everywhere: instance ids and table keys allow neither `/ \ # ?` nor control characters. */
export function alertKey(source: string, productId: string): string {
  const digest = createHash("sha256").update(`${source}\n${productId.toLowerCase()}`).digest("hex");
  return `${source}-${digest.slice(0, 32)}`;
}
