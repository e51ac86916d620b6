import ipaddr from "ipaddr.js";
import { isHeaderName } from "../header-name.ts";
import { type AddressRange, addressNumber, octetRangeOf } from "./address-range.ts";

export type Scope =
  | { kind: "service" }
  | { kind: "api"; apiId: string }
  | { kind: "operation"; apiId: string; operationId: string };

/** The header in which the proxy before the gateway says who calls. Without one the direct peer is the caller. */
export interface SeenAs {
  header: string;
}

/** Whose calls a limit counts together. */
export type LimitedBy =
  /** All callers together. */
  | { by: "endpoint" }
  /** That one address, and nobody else is limited. */
  | { by: "client-ip"; clientIp: AddressRange; seenAs?: SeenAs }
  /** That one subscription, and nobody else is limited. */
  | { by: "subscription"; subscriptionId: string }
  /** Each on its own. Calls without a subscription, or without the header, are counted together. */
  | { by: "each-client-ip"; seenAs?: SeenAs }
  | { by: "each-subscription" }
  | { by: "each-header"; header: string };

interface Rate {
  calls: number;
  periodSeconds: number;
}

export type ForbidIp = { kind: "forbid-ip"; scope: Scope; seenAs?: SeenAs } & AddressRange;
export type LimitRate = { kind: "limit-rate"; scope: Scope } & LimitedBy & Rate;

/** One containment as API Management holds it. */
export type FragmentEntry = ForbidIp | LimitRate;

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
  | "range-shape"
  | "client-ip-range"
  | "calls"
  | "period"
  | "scope-id"
  | "subscription-id"
  | "header-name";

/** rate-limit-by-key takes at most 300 s: https://learn.microsoft.com/azure/api-management/rate-limit-by-key-policy */
const maxPeriodSeconds = 300;
const maxCalls = 2_147_483_647;
/** Lengths of apiId, operationId and sid in the specification of Microsoft.ApiManagement 2024-05-01. */
const maxIdLength = { API: 256, operation: 80, subscription: 256 };

/** Throws InvalidFragmentEntry. One bad entry would keep the whole fragment from being written, so ask before recording it. */
export function checkEntry(entry: FragmentEntry): void {
  const { scope } = entry;
  if (scope.kind !== "service") checkId("API", scope.apiId);
  if (scope.kind === "operation") checkId("operation", scope.operationId);
  if (entry.kind === "limit-rate") checkLimit(entry);
  else checkBlock(entry);
}

function checkBlock(entry: ForbidIp): void {
  checkRange(entry);
  if (entry.seenAs) checkHeader(entry.seenAs.header);
  if (entry.seenAs && entry.from !== entry.to && !octetRangeOf(entry))
    throw new InvalidFragmentEntry(
      "range-shape",
      `behind a proxy addresses are compared as text, and ${entry.from}-${entry.to} is no CIDR block`,
    );
}

function checkLimit(entry: LimitRate): void {
  if (entry.by === "client-ip") checkOneAddress(entry.clientIp);
  if (entry.by === "subscription") checkId("subscription", entry.subscriptionId);
  if (entry.by === "each-header") checkHeader(entry.header);
  if ("seenAs" in entry && entry.seenAs) checkHeader(entry.seenAs.header);
  const { calls, periodSeconds } = entry;
  if (!Number.isInteger(calls) || calls < 1 || calls > maxCalls)
    throw new InvalidFragmentEntry("calls", `calls must be a whole number from 1 to ${maxCalls}, not ${calls}`);
  if (!Number.isInteger(periodSeconds) || periodSeconds < 1 || periodSeconds > maxPeriodSeconds)
    throw new InvalidFragmentEntry(
      "period",
      `periodSeconds must be a whole number from 1 to ${maxPeriodSeconds}, not ${periodSeconds}`,
    );
}

function checkOneAddress(range: AddressRange): void {
  checkRange(range);
  if (range.from !== range.to)
    throw new InvalidFragmentEntry(
      "client-ip-range",
      `limiting the range ${range.from}-${range.to} is not supported; limit each address, or forbid the range`,
    );
}

function checkHeader(header: string): void {
  if (!isHeaderName(header))
    throw new InvalidFragmentEntry(
      "header-name",
      `${JSON.stringify(header.slice(0, 80))} is not the name of a header: 1 to 100 of the characters that RFC 9110 allows`,
    );
}

function checkId(what: keyof typeof maxIdLength, id: string): void {
  const max = maxIdLength[what];
  if (id.length < 1 || id.length > max)
    throw new InvalidFragmentEntry(
      what === "subscription" ? "subscription-id" : "scope-id",
      `the id of the ${what} has 1 to ${max} characters, this one ${id.length}`,
    );
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
