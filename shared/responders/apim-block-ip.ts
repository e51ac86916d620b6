import * as z from "zod";
import { fragmentPermissions } from "./fragment-permissions.ts";
import type { ListResponder } from "./responder.ts";

export const apimBlockIp: ListResponder = {
  id: "apim-block-ip",
  summary: "Forbid an address at the API gateway: its calls answer 403.",
  kind: "list",
  point: "apim-fragment",
  targets: ["attacker-ip"],
  params: z.strictObject({}),
  d3fend: "D3-ITF",
  reversible: true,
  permissions: fragmentPermissions,

  refusal({ address }) {
    if (address === undefined) return "there is no single address to forbid";
    // ip-filter's documentation shows IPv4 only, and one entry the service refuses would take every other block with it.
    if (address.includes(":")) return "API Management does not document IPv6 in ip-filter";
    return undefined;
  },

  entry({ scope, address = "" }) {
    return { kind: "forbid-ip", scope, from: address, to: address };
  },
};
