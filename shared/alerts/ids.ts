import { meant } from "./fields.ts";

/** A GUID in lower case; undefined for anything else, and for the all-zero GUID that stands where nothing is known. */
export function readGuid(raw: unknown): string | undefined {
  const text = meant(raw)?.toLowerCase();
  if (!text || !/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text)) return undefined;
  return /[1-9a-f]/.test(text) ? text : undefined;
}

/** Defender for Endpoint's machine id (40 hexadecimal digits), lower case. A GUID in its place is another service's id. */
export function readMdeDeviceId(raw: unknown): string | undefined {
  const text = meant(raw)?.toLowerCase();
  return text && /^[0-9a-f]{40}$/.test(text) ? text : undefined;
}

/** A user principal name as it is spelled. Products also write display names, local accounts and whole sentences where one belongs. */
export function readUpn(raw: unknown): string | undefined {
  const text = meant(raw);
  if (!text || text.length > 320) return undefined;
  return /^[^\s@\\/:;,<>"()|]+@(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{0,62}$/i.test(text) ? text : undefined;
}

/** A fully qualified DNS name in small letters; undefined for a short name and for an address. */
export function readFqdn(raw: unknown): string | undefined {
  const text = meant(raw)?.toLowerCase();
  if (!text || text.length > 253) return undefined;
  return /^(?:[a-z0-9_-]{1,63}\.)+[a-z][a-z0-9-]{0,62}$/.test(text) ? text : undefined;
}

/** An ARM resource id as it is spelled; they arrive in upper, lower and mixed case, to be compared without it. */
export function readResourceId(raw: unknown): string | undefined {
  const text = meant(raw);
  return text && text.length <= 1024 && /^\/subscriptions\/[^/\s]/i.test(text) ? text : undefined;
}

const machineTypes =
  /\/providers\/(microsoft\.(?:compute\/virtualmachines|hybridcompute\/machines|classiccompute\/virtualmachines))\/[^/]+$/i;

/** Whether an ARM id is that of a machine: products also write web apps and databases where a host's id belongs. */
export function isMachineId(resourceId: string): boolean {
  return machineTypes.test(resourceId);
}

/** `T1059`, `T1059.001` out of whatever surrounds it: `"System Binary Proxy Execution (T1218)"`. */
export function readTechniques(raw: readonly string[]): string[] {
  if (raw.length === 0) return [];
  const found = raw.flatMap((text) => [...text.slice(0, 512).matchAll(/\bT\d{4}(?:\.\d{3})?\b/g)].map(([id]) => id));
  return [...new Set(found)].slice(0, 50);
}
