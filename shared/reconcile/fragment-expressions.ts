import { type AddressRange, fromOctetRange, octetRangeOf } from "./address-range.ts";
import { clientAddress } from "./client-address.ts";
import { literal, readLiteral } from "./csharp-literal.ts";
import type { Scope, SeenAs } from "./fragment-entry.ts";

/** The C# conditions of the fragment. Ids, names and addresses enter them only as string literals that nothing can break out of. */

type NarrowScope = Exclude<Scope, { kind: "service" }>;

export function scopeCondition(scope: NarrowScope): string {
  const api = `context.Api.Id == "${literal(scope.apiId)}"`;
  if (scope.kind === "api") return `@(${api})`;
  return `@(${api} && context.Operation.Id == "${literal(scope.operationId)}")`;
}

const scopePattern = /^@\(context\.Api\.Id == "([\w.\\-]+)"(?: && context\.Operation\.Id == "([\w.\\-]+)")?\)$/;

/** Only what scopeCondition writes, to the letter. */
export function readScopeCondition(condition: string): NarrowScope | undefined {
  const [, api, operation] = scopePattern.exec(condition) ?? [];
  if (api === undefined) return undefined;
  const apiId = readLiteral(api);
  const scope =
    operation === undefined
      ? ({ kind: "api", apiId } as const)
      : ({ kind: "operation", apiId, operationId: readLiteral(operation) } as const);
  return scopeCondition(scope) === condition ? scope : undefined;
}

interface Client {
  range: AddressRange;
  seenAs?: SeenAs;
}

/** One address, or behind a proxy also a range that octetRangeOf can express. */
export function clientCondition({ range, seenAs }: Client): string {
  const client = clientAddress(seenAs);
  if (range.from === range.to) return `@(${client} == "${literal(range.from)}")`;
  const octets = octetRangeOf(range);
  if (!octets) throw new TypeError(`${range.from}-${range.to} has no form as text`);
  const { prefix, index, first, last } = octets;
  const begins = `${client}.StartsWith("${literal(prefix)}")`;
  if (first === 0 && last === 255) return `@(${begins})`;
  const between = Array.from({ length: last - first + 1 }, (_, at) => first + at).join("|");
  return `@(${begins} && "|${between}|".Contains("|" + ${client}.Split('.')[${index}] + "|"))`;
}

const header = /GetValueOrDefault\("([\w.\\-]+)"/;
const oneAddress = / == "([\w.-]+)"\)$/;
const someAddresses =
  /\.StartsWith\("((?:\d{1,3}\.){1,3})"\)(?: && "\|(\d{1,3})(?:\|\d{1,3})*?(?:\|(\d{1,3}))?\|"\.Contains\(.*)?\)$/;

/** Only what clientCondition writes, to the letter; whether an address is one is not checked yet. */
export function readClientCondition(condition: string): Client | undefined {
  const range = readRange(condition);
  const [, name] = header.exec(condition) ?? [];
  if (!range) return undefined;
  const client = name === undefined ? { range } : { range, seenAs: { header: readLiteral(name) } };
  return mayHold(client) && clientCondition(client) === condition ? client : undefined;
}

function mayHold({ range }: Client): boolean {
  return range.from === range.to || octetRangeOf(range) !== undefined;
}

function readRange(condition: string): AddressRange | undefined {
  const [, address] = oneAddress.exec(condition) ?? [];
  if (address !== undefined) return { from: address, to: address };
  const [, prefix, first = "0", last] = someAddresses.exec(condition) ?? [];
  if (prefix === undefined) return undefined;
  const whole = !condition.includes("Contains");
  const range = { first: Number(first), last: whole ? 255 : Number(last ?? first) };
  return [...prefix.split("."), range.first, range.last].every((octet) => Number(octet) <= 255)
    ? fromOctetRange({ prefix, ...range })
    : undefined;
}

/** False for calls without a subscription, whose `context.Subscription` is null. */
export function subscriptionCondition(subscriptionId: string): string {
  return `@(context.Subscription?.Id == "${literal(subscriptionId)}")`;
}

/** Only what subscriptionCondition writes, to the letter. */
export function readSubscriptionCondition(condition: string): string | undefined {
  const [, id] = /^@\(context\.Subscription\?\.Id == "([\w.\\-]+)"\)$/.exec(condition) ?? [];
  const subscriptionId = id === undefined ? undefined : readLiteral(id);
  return subscriptionId !== undefined && subscriptionCondition(subscriptionId) === condition
    ? subscriptionId
    : undefined;
}
