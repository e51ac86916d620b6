import ipaddr from "ipaddr.js";

export type Scope =
  | { kind: "service" }
  | { kind: "api"; apiId: string }
  | { kind: "operation"; apiId: string; operationId: string };

/** IPv4, first and last address; the same twice for one address. */
interface AddressRange {
  from: string;
  to: string;
}

/** One containment as API Management holds it. */
export type FragmentEntry =
  | { kind: "forbid-ip"; scope: Scope; from: string; to: string }
  | {
      kind: "limit-rate";
      scope: Scope;
      /** `endpoint`: all callers together; `client-ip`: that one address. */
      by: "endpoint" | "client-ip";
      clientIp?: AddressRange;
      calls: number;
      periodSeconds: number;
    };

/** An entry that cannot be written; `problem` decides, the message explains. */
export class InvalidFragmentEntry extends Error {
  override readonly name = "InvalidFragmentEntry";
  readonly problem: EntryProblem;

  constructor(problem: EntryProblem, explanation: string) {
    super(`Cannot write this containment to API Management: ${explanation}`);
    this.problem = problem;
  }
}

export type EntryProblem =
  | "ipv6"
  | "not-an-address"
  | "range-reversed"
  | "client-ip-range"
  | "client-ip-mismatch"
  | "calls"
  | "period"
  | "scope-id";

/** rate-limit-by-key takes at most 300 s: https://learn.microsoft.com/azure/api-management/rate-limit-by-key-policy */
const maxPeriodSeconds = 300;
const maxCalls = 2_147_483_647;
/** Lengths of apiId and operationId in the specification of Microsoft.ApiManagement 2024-05-01. */
const maxIdLength = { api: 256, operation: 80 };

/** Throws InvalidFragmentEntry. One bad entry would keep the whole fragment from being written, so ask before recording it. */
export function checkEntry(entry: FragmentEntry): void {
  checkScope(entry.scope);
  if (entry.kind === "forbid-ip") checkRange(entry);
  else checkLimit(entry);
}

function checkLimit({ by, clientIp, calls, periodSeconds }: Extract<FragmentEntry, { kind: "limit-rate" }>): void {
  if ((by === "client-ip") !== (clientIp !== undefined))
    throw new InvalidFragmentEntry(
      "client-ip-mismatch",
      `a limit by ${by} ${clientIp ? "takes no" : "needs a"} clientIp`,
    );
  if (clientIp) {
    checkRange(clientIp);
    if (clientIp.from !== clientIp.to)
      throw new InvalidFragmentEntry(
        "client-ip-range",
        `limiting the range ${clientIp.from}-${clientIp.to} is not supported; limit each address, or forbid the range`,
      );
  }
  if (!Number.isInteger(calls) || calls < 1 || calls > maxCalls)
    throw new InvalidFragmentEntry("calls", `calls must be a whole number from 1 to ${maxCalls}, not ${calls}`);
  if (!Number.isInteger(periodSeconds) || periodSeconds < 1 || periodSeconds > maxPeriodSeconds)
    throw new InvalidFragmentEntry(
      "period",
      `periodSeconds must be a whole number from 1 to ${maxPeriodSeconds}, not ${periodSeconds}`,
    );
}

function checkScope(scope: Scope): void {
  if (scope.kind === "service") return;
  checkId("api", scope.apiId);
  if (scope.kind === "operation") checkId("operation", scope.operationId);
}

function checkId(what: "api" | "operation", id: string): void {
  const max = maxIdLength[what];
  if (id.length < 1 || id.length > max)
    throw new InvalidFragmentEntry("scope-id", `an ${what} id has 1 to ${max} characters, this one ${id.length}`);
}

function checkRange({ from, to }: AddressRange): void {
  for (const address of [from, to]) {
    const shown = JSON.stringify(address.slice(0, 80));
    if (address.includes(":"))
      throw new InvalidFragmentEntry("ipv6", `${shown} is no IPv4 address, and ip-filter is documented for IPv4 only`);
    if (!ipaddr.IPv4.isValidFourPartDecimal(address))
      throw new InvalidFragmentEntry(
        "not-an-address",
        `${shown} is not four decimal numbers from 0 to 255 without leading zeros (a CIDR must become from and to)`,
      );
  }
  if (addressNumber(from) > addressNumber(to))
    throw new InvalidFragmentEntry("range-reversed", `the range ${from}-${to} ends before it begins`);
}

/** Each entry once, in the one order in which the fragment lists them; throws on an entry that cannot be written. */
export function orderEntries(entries: readonly FragmentEntry[]): FragmentEntry[] {
  const keyed = new Map<string, FragmentEntry>();
  for (const entry of entries) {
    checkEntry(entry);
    keyed.set(sortKey(entry), entry);
  }
  return [...keyed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

export function scopeKey(scope: Scope): string {
  switch (scope.kind) {
    case "service":
      return JSON.stringify(["1-service"]);
    case "api":
      return JSON.stringify(["2-api", scope.apiId]);
    case "operation":
      return JSON.stringify(["3-operation", scope.apiId, scope.operationId]);
  }
}

/** Single addresses before ranges, as ip-filter wants its elements; then by number. */
function sortKey(entry: FragmentEntry): string {
  if (entry.kind === "forbid-ip") {
    const shape = entry.from === entry.to ? "1-address" : "2-range";
    return `${scopeKey(entry.scope)} 1-forbid ${shape} ${padded(entry.from)} ${padded(entry.to)}`;
  }
  const client = entry.clientIp ? padded(entry.clientIp.from) : "";
  return `${scopeKey(entry.scope)} 2-limit ${entry.by} ${client} ${entry.calls} ${entry.periodSeconds}`;
}

function padded(address: string): string {
  return String(addressNumber(address)).padStart(10, "0");
}

function addressNumber(address: string): number {
  return ipaddr.IPv4.parse(address).octets.reduce((number, octet) => number * 256 + octet, 0);
}
