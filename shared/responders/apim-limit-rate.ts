import * as z from "zod";
import { isHeaderName } from "../header-name.ts";
import type { TargetOf } from "../ledger/target.ts";
import type { LimitedBy, SeenAs } from "../reconcile/fragment-entry.ts";
import { fragmentPermissions } from "./fragment-permissions.ts";
import type { FragmentResponder } from "./responder.ts";

const Header = z.strictObject({
  header: z
    .string()
    .refine(isHeaderName, "expected the name of a header, of at most 100 characters")
    .describe(
      "Name of a header whose values are counted each on its own; a caller that may choose the value evades the limit",
    ),
});

const Rate = z.strictObject({
  calls: z.int().min(1).max(1_000_000).describe("Calls allowed in one period"),
  // 300 s is API Management's limit for a rate-limit-by-key renewal period.
  periodSeconds: z.int().min(1).max(300).describe("Length of the period in seconds"),
  per: z
    .union([z.enum(["everybody", "client-ip", "subscription"]), Header])
    .optional()
    .describe(
      "For `api-endpoint`, whose calls are counted together: `everybody` (without it), or each `client-ip`, each `subscription`, or each value of a `header` on its own",
    ),
});
type Rate = z.infer<typeof Rate>;

export const apimLimitRate: FragmentResponder = {
  id: "apim-limit-rate",
  summary: "Slow callers down at the API gateway: calls beyond the rate answer 429.",
  kind: "list",
  point: "apim-fragment",
  target: "api-caller",
  selectors: ["attacker-ip", "attacker-subscription", "api-endpoint"],
  params: Rate,
  d3fend: "D3-NTF",
  permissions: fragmentPermissions,

  refusal({ address, subscriptionId, scope }, params) {
    const everybody = isForEverybody(params);
    if (address?.includes(":"))
      return "how API Management writes an IPv6 caller is not documented, so no limit could be matched to it";
    if (address?.includes("/")) return "only single addresses can be slowed down: limit each, or forbid the block";
    if (address !== undefined && subscriptionId !== undefined)
      return "a limit is of an address or of a subscription, not of both";
    if (address !== undefined || subscriptionId !== undefined)
      return everybody ? undefined : "`per` divides the callers of an endpoint, and this is one caller already";
    if (scope.kind === "service" && everybody) return "one limit over every API of the service would stop everybody";
    return undefined;
  },

  entry(target, wishes, seenAs) {
    const rates = wishes.map((wish) => Rate.parse(wish));
    const strictest = rates.reduce((a, b) => (b.calls / b.periodSeconds < a.calls / a.periodSeconds ? b : a));
    const { calls, periodSeconds } = strictest;
    return { kind: "limit-rate", scope: target.scope, ...limitedBy(target, strictest, seenAs), calls, periodSeconds };
  },

  // 300 calls of all together and 30 of each: neither is the stricter one.
  apart: (params) => {
    const { per = "everybody" } = Rate.parse(params);
    return typeof per === "string" ? per : `header ${per.header.toLowerCase()}`;
  },
};

function isForEverybody({ per }: Record<string, unknown>): boolean {
  return per === undefined || per === "everybody";
}

function limitedBy(
  { address, subscriptionId }: TargetOf<"api-caller">,
  { per = "everybody" }: Rate,
  seenAs: SeenAs | undefined,
): LimitedBy {
  const seen = seenAs ? { seenAs } : {};
  if (address !== undefined) return { by: "client-ip", clientIp: { from: address, to: address }, ...seen };
  if (subscriptionId !== undefined) return { by: "subscription", subscriptionId };
  if (typeof per === "object") return { by: "each-header", header: per.header };
  if (per === "client-ip") return { by: "each-client-ip", ...seen };
  return per === "subscription" ? { by: "each-subscription" } : { by: "endpoint" };
}
