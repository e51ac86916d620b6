import * as z from "zod";
import { fragmentPermissions } from "./fragment-permissions.ts";
import type { ListResponder } from "./responder.ts";

const Rate = z.strictObject({
  calls: z.int().min(1).max(1_000_000).describe("Calls allowed in one period"),
  // 300 s is API Management's limit for a rate-limit-by-key renewal period.
  periodSeconds: z.int().min(1).max(300).describe("Length of the period in seconds"),
});

export const apimLimitRate: ListResponder = {
  id: "apim-limit-rate",
  summary: "Slow callers down at the API gateway: calls beyond the rate answer 429.",
  kind: "list",
  point: "apim-fragment",
  targets: ["attacker-ip", "api-endpoint"],
  params: Rate,
  d3fend: "D3-NTF",
  reversible: true,
  permissions: fragmentPermissions,

  refusal({ address, scope }) {
    if (address?.includes(":"))
      return "how API Management writes an IPv6 caller is not documented, so no limit could be matched to it";
    if (address === undefined && scope.kind === "service")
      return "one limit over every API of the service would stop everybody";
    return undefined;
  },

  entry({ scope, address }, wishes) {
    const rates = wishes.map((wish) => Rate.parse(wish));
    const strictest = rates.reduce((a, b) => (b.calls / b.periodSeconds < a.calls / a.periodSeconds ? b : a));
    return address === undefined
      ? { kind: "limit-rate", scope, by: "endpoint", ...strictest }
      : { kind: "limit-rate", scope, by: "client-ip", clientIp: { from: address, to: address }, ...strictest };
  },
};
