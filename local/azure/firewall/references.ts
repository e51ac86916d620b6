import {
  type FirewallState,
  type SimulatedFirewall,
  type SimulatedFirewallPolicy,
  type SimulatedRuleCollection,
  sameId,
} from "./firewall-state.ts";

/** The IP Groups that rules name, each as often as it is named. */
export function groupsNamedIn(collections: readonly SimulatedRuleCollection[] = []): string[] {
  return collections.flatMap(({ rules }) =>
    rules.flatMap(({ sourceIpGroups = [], destinationIpGroups = [] }) => [...sourceIpGroups, ...destinationIpGroups]),
  );
}

const name = (collections: readonly SimulatedRuleCollection[] | undefined, groupId: string) =>
  groupsNamedIn(collections).some((id) => sameId(id, groupId));

/** The policies whose rules name the group, or are about to. */
export function policiesNaming({ policies }: FirewallState, groupId: string): SimulatedFirewallPolicy[] {
  return policies.filter(({ ruleCollectionGroups }) =>
    ruleCollectionGroups.some(
      ({ ruleCollections, write }) => name(ruleCollections, groupId) || name(write?.next.ruleCollections, groupId),
    ),
  );
}

/** The firewalls that a change of the group has to be brought to. */
export function firewallsNaming(state: FirewallState, groupId: string): SimulatedFirewall[] {
  const naming = policiesNaming(state, groupId);
  return state.firewalls.filter(
    (firewall) =>
      name(firewall.networkRuleCollections, groupId) || naming.some((policy) => goesBy(state, firewall, policy)),
  );
}

/** By the policy itself, or by one whose parent it is. */
export function goesBy(
  { policies }: FirewallState,
  { policyId }: SimulatedFirewall,
  { id }: SimulatedFirewallPolicy,
): boolean {
  if (policyId === undefined) return false;
  const basePolicyId = policies.find((one) => sameId(one.id, policyId))?.basePolicyId;
  return sameId(id, policyId) || (basePolicyId !== undefined && sameId(id, basePolicyId));
}
