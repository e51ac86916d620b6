import type { Clock } from "../../../shared/clock.ts";
import type { ArmAnswer, ArmCall, ArmRoute } from "../resource-manager/route.ts";
import { speakVersion } from "../resource-manager/speak-version.ts";
import { type FirewallState, nameOf, type SimulatedFirewallPolicy, sameId } from "./firewall-state.ts";
import { firewallApiVersions } from "./firewall-versions.ts";
import { etagOf, missing } from "./network-failure.ts";
import { page } from "./page.ts";
import { putRuleCollectionGroup, showRuleCollectionGroup } from "./rule-collection-group.ts";

const path =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Network/firewallPolicies/{firewallPolicyName}";
const groups = `${path}/ruleCollectionGroups`;
const group = `${groups}/{ruleCollectionGroupName}`;

/** Firewall Policies, to be read, and their rules. Not played: writing a policy, NAT rules, threat intelligence, drafts. */
export function firewallPolicyRoutes(state: FirewallState): ArmRoute[] {
  const route = readRoute(state);
  return [
    route("FirewallPolicies_Get", "GET", path, (policy) => show(policy, state)),
    route("FirewallPolicyRuleCollectionGroups_List", "GET", groups, (policy, call) =>
      page(
        call,
        policy.ruleCollectionGroups.map((one) => showRuleCollectionGroup(policy, one).body),
        state,
      ),
    ),
    route("FirewallPolicyRuleCollectionGroups_Get", "GET", group, (policy, { params }) => {
      const wanted = params.ruleCollectionGroupName ?? "";
      const found = policy.ruleCollectionGroups.find(({ name }) => sameId(name, wanted));
      if (found) return showRuleCollectionGroup(policy, found);
      throw missing("firewallPolicies/ruleCollectionGroups", wanted);
    }),
  ];
}

export function ruleCollectionGroupWriteRoutes(state: FirewallState, clock: Clock): ArmRoute[] {
  const route = readRoute(state);
  return [
    route("FirewallPolicyRuleCollectionGroups_CreateOrUpdate", "PUT", group, (policy, call) =>
      putRuleCollectionGroup(policy, call, state, clock.now()),
    ),
  ];
}

function readRoute(state: FirewallState) {
  return (
    operationId: string,
    method: string,
    at: string,
    answer: (policy: SimulatedFirewallPolicy, call: ArmCall) => ArmAnswer,
  ): ArmRoute => ({
    operationId,
    method,
    path: at,
    answer(call) {
      speakVersion(call, "firewallPolicies", firewallApiVersions);
      return answer(find(state, call), call);
    },
  });
}

function find(state: FirewallState, { params }: ArmCall): SimulatedFirewallPolicy {
  const wanted = path.replaceAll(/\{(\w+)\}/g, (_, param: string) => params[param] ?? "");
  const policy = state.policies.find(({ id }) => sameId(id, wanted));
  if (policy) return policy;
  throw missing("firewallPolicies", params.firewallPolicyName);
}

function show(policy: SimulatedFirewallPolicy, state: FirewallState): ArmAnswer {
  const { id, location, sku = "Standard", basePolicyId, ruleCollectionGroups } = policy;
  const references = (resources: readonly { id: string }[]) => resources.map((one) => ({ id: one.id }));
  const etag = etagOf(policy);
  const body = {
    id,
    name: nameOf(id),
    type: "Microsoft.Network/FirewallPolicies",
    etag,
    location,
    properties: {
      sku: { tier: sku },
      // A rule collection group that is written locks its policy.
      provisioningState: ruleCollectionGroups.some(({ write }) => write !== undefined) ? "Updating" : "Succeeded",
      threatIntelMode: "Alert",
      ...(basePolicyId === undefined ? {} : { basePolicy: { id: basePolicyId } }),
      childPolicies: references(
        state.policies.filter((one) => one.basePolicyId !== undefined && sameId(one.basePolicyId, id)),
      ),
      ruleCollectionGroups: ruleCollectionGroups.map(({ name }) => ({ id: `${id}/ruleCollectionGroups/${name}` })),
      firewalls: references(state.firewalls.filter(({ policyId }) => policyId !== undefined && sameId(policyId, id))),
    },
  };
  return { status: 200, headers: { etag }, body };
}
