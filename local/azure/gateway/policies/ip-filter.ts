import { isIP, isIPv4 } from "node:net";
import { type Evaluation, type GatewayAnswer, readText } from "../evaluation.ts";
import type { PolicyElement } from "../policy-document.ts";

type Match = "match" | "no-match" | "unknown";

/** https://learn.microsoft.com/azure/api-management/ip-filter-policy. CIDR and IPv6 are not documented there, so an entry of either is not understood. */
export function ipFilter(element: PolicyElement, evaluation: Evaluation): GatewayAnswer | undefined {
  const action = readText(evaluation, element.attributes.get("action"));
  const matches = element.children.map((entry) => matchEntry(entry, evaluation));
  const match = matches.find((found) => found === "match") ?? matches.find((found) => found === "unknown");

  // A match is certain whatever the other entries mean; a miss is certain only if all of them were understood.
  if (matches.length === 0 || (action !== "forbid" && action !== "allow") || matches.includes("unknown")) {
    evaluation.skipped.add("ip-filter");
    if (match !== "match") return undefined;
  }
  if (action === "forbid" && match === "match") return forbidden("CallerIpBlocked");
  if (action === "allow" && match !== "match") return forbidden("CallerIpNotAllowed");
  return undefined;
}

function forbidden(reason: "CallerIpBlocked" | "CallerIpNotAllowed"): GatewayAnswer {
  return {
    status: 403,
    headers: [["Content-Type", "application/json"]],
    body: JSON.stringify({ statusCode: 403, message: "Forbidden" }),
    reason,
  };
}

function matchEntry(entry: PolicyElement, evaluation: Evaluation): Match {
  if (entry.name === "address") {
    const address = toNumber(readText(evaluation, entry.text));
    return matchRange(evaluation.call.clientIp, address, address);
  }
  if (entry.name !== "address-range") return "unknown";
  const from = toNumber(readText(evaluation, entry.attributes.get("from")));
  const to = toNumber(readText(evaluation, entry.attributes.get("to")));
  return matchRange(evaluation.call.clientIp, from, to);
}

function matchRange(clientIp: string, from: number | undefined, to: number | undefined): Match {
  if (from === undefined || to === undefined) return "unknown";
  const client = toNumber(clientIp);
  if (client === undefined) return isIP(clientIp) === 6 ? "no-match" : "unknown";
  return from <= client && client <= to ? "match" : "no-match";
}

function toNumber(address: string | undefined): number | undefined {
  const text = address?.trim() ?? "";
  return isIPv4(text) ? text.split(".").reduce((number, byte) => number * 256 + Number(byte), 0) : undefined;
}
