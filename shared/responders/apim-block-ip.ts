import * as z from "zod";
import { rangeOf } from "../reconcile/address-range.ts";
import { fragmentPermissions } from "./fragment-permissions.ts";
import type { FragmentResponder } from "./responder.ts";

/** A network of 65,536 addresses. What is wider holds more bystanders than attackers. */
const widestPrefix = 16;

export const apimBlockIp: FragmentResponder = {
  id: "apim-block-ip",
  summary: "Forbid an address or a CIDR block at the API gateway: its calls answer 403.",
  kind: "list",
  point: "apim-fragment",
  target: "api-caller",
  selectors: ["attacker-ip"],
  params: z.strictObject({}),
  d3fend: "D3-ITF",
  permissions: fragmentPermissions,

  refusal({ address }) {
    if (address === undefined) return "there is no single address to forbid";
    // ip-filter's documentation shows IPv4 only, and one entry the service refuses would take every other block with it.
    if (address.includes(":")) return "API Management does not document IPv6 in ip-filter";
    const range = rangeOf(address);
    if (!range) return `${JSON.stringify(address.slice(0, 80))} is neither an IPv4 address nor a CIDR block`;
    if (range.bits < widestPrefix)
      return `a block wider than /${widestPrefix} holds too many who did nothing: /${range.bits} is refused`;
    return undefined;
  },

  // ip-filter documents addresses and ranges, no CIDR: https://learn.microsoft.com/azure/api-management/ip-filter-policy
  entry({ scope, address = "" }, _, seenAs) {
    const { from, to } = rangeOf(address) ?? { from: address, to: address };
    return { kind: "forbid-ip", scope, from, to, ...(seenAs ? { seenAs } : {}) };
  },
};
