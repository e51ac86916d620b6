import type { Source } from "./alert.ts";

interface Said {
  type?: string | undefined;
  title: string;
  description: string;
}

/**
 * Whether a product calls the alert a sample of its own. Only how texts begin counts: further in stand words that an attacker can
 * choose, and a sample is never acted on.
 */
export function isSimulated({ type = "", title, description }: Said): boolean {
  return /^SIMULATED_/i.test(type) || /^\[SAMPLE ALERT\]/i.test(title) || /^THIS IS A SAMPLE ALERT/i.test(description);
}

interface Found {
  source: Source;
  type: string;
  title: string;
  /** The product's names for what it found. */
  threats: readonly string[];
}

/**
 * Whether an alert is about nothing but EICAR's test file (https://www.eicar.org/download-anti-malware-testfile/), which the type, the names
 * of what was found or, where there are none, the title tells. All these are the product's words, but for titles of Sentinel's: they come
 * from rules that a customer writes. Names of files and descriptions hold the attacker's words, and what was found beside EICAR is no test.
 */
export function isEicarTest({ source, type, title, threats }: Found): boolean {
  if (/_EICAR$/i.test(type)) return true;
  return threats.length > 0 ? threats.every(saysEicar) : source !== "sentinel" && saysEicar(title);
}

/** As a word of its own: `EICAR_Test_File`, `DOS/EICAR`. */
function saysEicar(text: string): boolean {
  return /(?<![a-z\d])eicar(?![a-z\d])/i.test(text);
}
