import type { Source } from "../alert.ts";
import { type Json, text } from "../fields.ts";
import { sourceOfProduct } from "../products.ts";

/**
 * Defender for Cloud passes on what other products found, and partners' findings under the partner's name. A product of Microsoft's that
 * nobody knows is Defender for Cloud under a new name: products are renamed every few years, and no playbook must stop for that.
 */
export function sourceOf(body: Json, notes: string[]): Source {
  const vendor = text(body, "vendorName")?.toLowerCase();
  if (vendor !== undefined && vendor !== "microsoft") return "other";
  const product = text(body, "productName");
  const source = sourceOfProduct([product]) ?? sourceOfProduct([text(body, "providerName")]);
  if (source) return source;
  if (product === undefined) return "defender-for-cloud";
  if (vendor === undefined) return "other";
  notes.push("productName is of no product that is known here: read as Defender for Cloud");
  return "defender-for-cloud";
}

/** Whether alerts of the source have an id of their own product's, beside the one they have in Defender for Cloud or in a workspace. */
export function isOfOtherProduct(source: Source): boolean {
  return source !== "defender-for-cloud" && source !== "other";
}
