import { addressNumber } from "./address-range.ts";
import { checkEntry, type FragmentEntry, type LimitRate, type Scope } from "./fragment-entry.ts";

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
    const header = JSON.stringify(entry.seenAs?.header ?? "");
    return `${scopeKey(entry.scope)} 1-forbid ${header} ${shape} ${padded(entry.from)} ${padded(entry.to)}`;
  }
  return `${scopeKey(entry.scope)} 2-limit ${JSON.stringify(whoseCalls(entry))} ${entry.calls} ${entry.periodSeconds}`;
}

function whoseCalls(entry: LimitRate): readonly string[] {
  switch (entry.by) {
    case "client-ip":
      return [entry.by, entry.seenAs?.header ?? "", padded(entry.clientIp.from)];
    case "subscription":
      return [entry.by, entry.subscriptionId];
    case "each-client-ip":
      return [entry.by, entry.seenAs?.header ?? ""];
    case "each-header":
      return [entry.by, entry.header];
    default:
      return [entry.by];
  }
}

function padded(address: string): string {
  return String(addressNumber(address)).padStart(10, "0");
}
