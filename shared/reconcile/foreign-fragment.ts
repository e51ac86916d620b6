import { readFragment } from "./fragment-document.ts";

/** Stands in every fragment that Portcullis wrote, and in no other. */
const marker = "portcullis-containments";

/**
 * Whether a fragment of our name was written by somebody else. One that carries our mark and more was ours and is put right again;
 * one without it is never touched.
 */
export function isForeignFragment(xml: string): boolean {
  return "foreign" in readFragment(xml) && !xml.includes(`name="${marker}"`);
}
