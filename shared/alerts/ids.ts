import { meant } from "./fields.ts";

/** A GUID in lower case; undefined for anything else, and for the all-zero GUID that stands where nothing is known. */
export function readGuid(raw: unknown): string | undefined {
  const text = meant(raw)?.toLowerCase();
  if (text?.length !== 36 || !/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text))
    return undefined;
  return /[1-9a-f]/.test(text) ? text : undefined;
}

/** Defender for Endpoint's machine id (40 hexadecimal digits), lower case. A GUID in its place is another service's id. */
export function readMdeDeviceId(raw: unknown): string | undefined {
  const text = meant(raw)?.toLowerCase();
  return text?.length === 40 && /^[0-9a-f]+$/.test(text) ? text : undefined;
}

/** A user principal name as it is spelled. Products also write display names, local accounts and whole sentences where one belongs. */
export function readUpn(raw: unknown): string | undefined {
  const text = meant(raw);
  if (!text?.includes("@") || text.length > 320) return undefined;
  return /^[^\s@\\/:;,<>"()|]+@(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{0,62}$/i.test(text) ? text : undefined;
}

/** A fully qualified DNS name in small letters; undefined for a short name and for an address. */
function readFqdn(raw: unknown): string | undefined {
  const text = meant(raw);
  if (!text?.includes(".") || text.length > 253) return undefined;
  return /^(?:[a-z0-9_-]{1,63}\.)+[a-z][a-z0-9-]{0,62}$/i.test(text) ? text.toLowerCase() : undefined;
}

interface HostNames {
  name: string | undefined;
  fqdn: string | undefined;
}

/** A machine's names: `name` is the short or the whole one, `whole` the whole one where a field of its own has it. */
export function readHostNames(name: string | undefined, domain: string | undefined, whole?: unknown): HostNames {
  const ofName = readFqdn(name);
  const fqdn = readFqdn(whole) ?? ofName ?? (name && domain ? readFqdn(`${name}.${domain}`) : undefined);
  return { name: ofName ? name?.split(".", 1)[0] : name, fqdn };
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

export interface Hashes {
  md5?: string;
  sha1?: string;
  sha256?: string;
}

/** A file's hash under the name of its algorithm. `SHA256AC` is Authenticode's, not the file's. */
export function readHash(algorithm: string | undefined, digits: string | undefined): Hashes {
  const name = algorithm?.toLowerCase().replaceAll(/\W/g, "");
  const hash = digits?.toLowerCase() ?? "";
  if (!/^[0-9a-f]+$/.test(hash)) return {};
  if (name === "md5" && hash.length === 32) return { md5: hash };
  if (name === "sha1" && hash.length === 40) return { sha1: hash };
  return name === "sha256" && hash.length === 64 ? { sha256: hash } : {};
}

/** `T1059`, `T1059.001` out of whatever surrounds it: `"System Binary Proxy Execution (T1218)"`. */
export function readTechniques(raw: readonly string[]): string[] {
  if (raw.length === 0) return [];
  const found = raw.flatMap((text) => text.slice(0, 512).match(/\bT\d{4}(?:\.\d{3})?\b/g) ?? []);
  return [...new Set(found)].slice(0, 50);
}
