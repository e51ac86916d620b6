import * as fc from "fast-check";
import type { FragmentEntry, Scope } from "../../shared/reconcile/fragment-document.ts";

const address = fc.ipV4();

/** What somebody would name an API to get into the policy's text. */
const hostileId = fc.oneof(
  fc.constantFrom(
    '" == "" || true || "',
    "@(Environment.Exit(1))",
    "{{admin-password}}",
    "\\u0022",
    '\\" || true',
    '"/><mock-response/><choose a="',
    "]]></when><!--",
    "a/b",
    "b/a",
    "a\r\nb\u2028\u0000",
    "&quot;",
    "\uD800",
    "__proto__",
  ),
  fc.string({ unit: "binary", minLength: 1, maxLength: 30 }),
  // Lone surrogates, which fc.string never makes.
  fc
    .array(fc.integer({ min: 0xd7f0, max: 0xe010 }), { minLength: 1, maxLength: 4 })
    .map((codes) => String.fromCharCode(...codes)),
);
const id = fc.oneof(fc.constantFrom("orders", "get-order", "orders-v2.1", "a", "b"), hostileId);

const scope: fc.Arbitrary<Scope> = fc.oneof(
  fc.record({ kind: fc.constant("service" as const) }),
  fc.record({ kind: fc.constant("api" as const), apiId: id }),
  fc.record({ kind: fc.constant("operation" as const), apiId: id, operationId: id }),
);

const rate = { scope, calls: fc.integer({ min: 1, max: 5_000 }), periodSeconds: fc.integer({ min: 1, max: 300 }) };

export const fragmentEntry: fc.Arbitrary<FragmentEntry> = fc.oneof(
  fc.record({ scope, address }).map(({ scope, address }) => forbid(scope, address, address)),
  fc.record({ scope, a: address, b: address }).map(({ scope, a, b }) => {
    const [from, to] = numeric(a) <= numeric(b) ? [a, b] : [b, a];
    return forbid(scope, from, to);
  }),
  fc.record(rate).map((entry) => ({ kind: "limit-rate" as const, by: "endpoint" as const, ...entry })),
  fc.record({ ...rate, address }).map(({ address, ...entry }) => ({
    kind: "limit-rate" as const,
    by: "client-ip" as const,
    clientIp: { from: address, to: address },
    ...entry,
  })),
);

export const fragmentEntries = fc.array(fragmentEntry, { maxLength: 12 });

function forbid(scope: Scope, from: string, to: string): FragmentEntry {
  return { kind: "forbid-ip", scope, from, to };
}

export function numeric(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}
