import * as z from "zod";
import { ArmError } from "../resource-manager/arm-error.ts";
import { type FirewallState, type SimulatedRuleCollectionGroup, sameId } from "./firewall-state.ts";
import { unreadable } from "./network-failure.ts";
import { groupsNamedIn } from "./references.ts";

const strings = z.array(z.string()).exactOptional();
/** What else a rule says is kept and shown again; it decides nothing here. */
const Rule = z.looseObject({
  name: z.string(),
  ruleType: z.enum(["NetworkRule", "ApplicationRule"]),
  ipProtocols: strings,
  sourceAddresses: strings,
  sourceIpGroups: strings,
  destinationAddresses: strings,
  destinationIpGroups: strings,
  destinationPorts: strings,
});
const Collection = z.object({
  ruleCollectionType: z.literal("FirewallPolicyFilterRuleCollection"),
  name: z.string().max(80),
  priority: z.int().exactOptional(),
  action: z.object({ type: z.enum(["Allow", "Deny"]) }),
  rules: z.array(Rule).default([]),
});
const Body = z.object({
  properties: z.object({ priority: z.int(), ruleCollections: z.array(Collection).default([]) }),
});
const Nat = z.object({
  properties: z.object({
    ruleCollections: z.array(z.object({ ruleCollectionType: z.string() })).refine((all) => all.some(isNat)),
  }),
});

type Rules = Pick<SimulatedRuleCollectionGroup, "priority" | "ruleCollections">;

export function readRuleCollectionGroup(body: unknown, state: FirewallState): Rules {
  if (Nat.safeParse(body).success) {
    throw new ArmError(501, "NotSimulated", "The simulated Azure does not play NAT rule collections.");
  }
  const { success, data, error } = Body.safeParse(body);
  if (!success) throw unreadable(z.prettifyError(error));
  const { priority, ruleCollections } = data.properties;
  const wrong = [priority, ...ruleCollections.map((one) => one.priority ?? lowest)].find(
    (one) => one < lowest || one > highest,
  );
  // The limits are documented, the code is not.
  if (wrong !== undefined) {
    throw new ArmError(
      400,
      "FirewallPolicyRuleCollectionGroupInvalidPriorityValue",
      `Invalid priority ${wrong}: it must be between ${lowest} and ${highest}.`,
    );
  }
  const collections = ruleCollections.map(({ ruleCollectionType: _, action, ...one }) => ({
    ...one,
    action: action.type,
  }));
  const missing = groupsNamedIn(collections).find((id) => !state.ipGroups.some((group) => sameId(group.id, id)));
  if (missing === undefined) return { priority, ruleCollections: collections };
  throw new ArmError(
    400,
    "InvalidResourceReference",
    `Resource ${missing} referenced by the rule collection group was not found. Please make sure that the referenced resource exists.`,
  );
}

const lowest = 100;
const highest = 65_000;

function isNat({ ruleCollectionType }: { ruleCollectionType: string }): boolean {
  return ruleCollectionType === "FirewallPolicyNatRuleCollection";
}
