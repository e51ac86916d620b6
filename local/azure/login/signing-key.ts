import { checkPrimeSync, createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import * as z from "zod";

const PublicKey = z.object({ kty: z.literal("RSA"), n: z.string(), e: z.string() });

/** A key as Entra publishes it; the certificate chain (`x5c`, `x5t`) that it publishes too is not played. */
export type PublishedKey = z.infer<typeof PublicKey> & { use: "sig"; kid: string };

export interface SigningKey {
  privateKey: KeyObject;
  publicKey: KeyObject;
  published: PublishedKey;
}

const exponent = 65_537n;
const made = new Map<string, SigningKey>();

/**
 * The RSA key that belongs to a secret. It is computed from the secret and from nothing else, so that a simulated Azure that is
 * started again takes the tokens it gave out before, and publishes the key that they name. Takes about a tenth of a second, once.
 */
export function signingKeyOf(secret: string): SigningKey {
  const known = made.get(secret);
  if (known) return known;
  const key = makeKey(secret);
  made.set(secret, key);
  return key;
}

function makeKey(secret: string): SigningKey {
  const [p, q] = [primeFrom(`simulated p ${secret}`), primeFrom(`simulated q ${secret}`)];
  const n = p * q;
  const d = inverse(exponent, (p - 1n) * (q - 1n));
  const numbers = { n, e: exponent, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const encoded = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, base64url(value)]));
  const privateKey = createPrivateKey({ key: { kty: "RSA", ...encoded }, format: "jwk" });
  const publicKey = createPublicKey(privateKey);
  const jwk = PublicKey.parse(publicKey.export({ format: "jwk" }));
  // RFC 7638, so that two keys never share an id.
  const kid = createHash("sha256")
    .update(JSON.stringify({ e: jwk.e, kty: jwk.kty, n: jwk.n }))
    .digest("base64url");
  return { privateKey, publicKey, published: { ...jwk, use: "sig", kid } };
}

/** The first prime of 1,024 bits at or after a number that is made from the seed. Both top bits are set: n has 2,048 bits then. */
function primeFrom(seed: string): bigint {
  const start = BigInt(`0x${createHash("shake256", { outputLength: 128 }).update(seed).digest("hex")}`);
  let candidate = start | (3n << 1022n) | 1n;
  while (candidate % exponent === 1n || !checkPrimeSync(candidate)) candidate += 2n;
  return candidate;
}

/** By Euclid's extended algorithm. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [low, high] = [value % modulus, modulus];
  let [x, y] = [1n, 0n];
  while (low > 1n) {
    const quotient = high / low;
    [low, high] = [high % low, low];
    [x, y] = [y - quotient * x, x];
  }
  return ((x % modulus) + modulus) % modulus;
}

function base64url(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex").toString("base64url");
}
