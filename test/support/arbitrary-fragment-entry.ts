import * as fc from "fast-check";
import { rangeOf } from "../../shared/reconcile/address-range.ts";
import type { FragmentEntry, Scope } from "../../shared/reconcile/fragment-document.ts";
import type { LimitedBy } from "../../shared/reconcile/fragment-entry.ts";

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

/** Every character that RFC 9110 allows in a header's name, those with a meaning in C#, XML or a regular expression among them. */
const headerName = fc.oneof(
  fc.constantFrom("X-Forwarded-For", "X-Tenant", "'+'", "`$&|^", "__proto__"),
  fc.string({ unit: fc.constantFrom(..."!#$%&'*+-.^_`|~09azAZ"), minLength: 1, maxLength: 100 }),
);
const seenAs = headerName.map((header) => ({ header }));

/** Behind a proxy a range is a block of addresses. */
const block = fc.record({ address, bits: fc.integer({ min: 8, max: 31 }) }).map(({ address, bits }) => {
  const range = rangeOf(`${address}/${bits}`);
  if (!range) throw new Error(`${address}/${bits} is a block`);
  return { from: range.from, to: range.to };
});

const whose: fc.Arbitrary<LimitedBy> = fc.oneof(
  fc.constant({ by: "endpoint" as const }),
  address.map((one) => ({ by: "client-ip" as const, clientIp: { from: one, to: one } })),
  fc.record({ address, seenAs }).map(({ address: one, seenAs }) => ({
    by: "client-ip" as const,
    clientIp: { from: one, to: one },
    seenAs,
  })),
  id.map((subscriptionId) => ({ by: "subscription" as const, subscriptionId })),
  fc.constant({ by: "each-client-ip" as const }),
  seenAs.map((seenAs) => ({ by: "each-client-ip" as const, seenAs })),
  fc.constant({ by: "each-subscription" as const }),
  headerName.map((header) => ({ by: "each-header" as const, header })),
);

export const fragmentEntry: fc.Arbitrary<FragmentEntry> = fc.oneof(
  fc.record({ scope, address }).map(({ scope, address }) => forbid(scope, address, address)),
  fc.record({ scope, a: address, b: address }).map(({ scope, a, b }) => {
    const [from, to] = numeric(a) <= numeric(b) ? [a, b] : [b, a];
    return forbid(scope, from, to);
  }),
  fc.record({ scope, address, seenAs }).map(({ scope, address, seenAs }) => ({
    ...forbid(scope, address, address),
    seenAs,
  })),
  fc.record({ scope, block, seenAs }).map(({ scope, block, seenAs }) => ({
    ...forbid(scope, block.from, block.to),
    seenAs,
  })),
  fc.record({ whose, ...rate }).map(({ whose, ...rate }) => ({ kind: "limit-rate" as const, ...whose, ...rate })),
);

export const fragmentEntries = fc.array(fragmentEntry, { maxLength: 12 });

function forbid(scope: Scope, from: string, to: string) {
  return { kind: "forbid-ip" as const, scope, from, to };
}

export function numeric(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}
