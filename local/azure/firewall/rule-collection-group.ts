import { ArmError } from "../resource-manager/arm-error.ts";
import type { ArmAnswer, ArmCall } from "../resource-manager/route.ts";
import {
  type FirewallState,
  nameOf,
  type SimulatedFirewallPolicy,
  type SimulatedRuleCollectionGroup,
  sameId,
} from "./firewall-state.ts";
import { checkEtag, checkName, etagOf } from "./network-failure.ts";
import { beginOperation } from "./network-operations.ts";
import { goesBy } from "./references.ts";
import { readRuleCollectionGroup } from "./rule-collection-group-body.ts";

/** The whole group at once. Until the write is over the old rules are in force; a read shows the new ones. */
export function putRuleCollectionGroup(
  policy: SimulatedFirewallPolicy,
  call: ArmCall,
  state: FirewallState,
  now: Date,
): ArmAnswer {
  const name = call.params.ruleCollectionGroupName ?? "";
  const next = readRuleCollectionGroup(call.body, state);
  checkName(name);
  const existing = policy.ruleCollectionGroups.find((one) => sameId(one.name, name));
  checkEtag(call, existing && { id: `${policy.id}/ruleCollectionGroups/${name}`, etag: etagOf(existing) });
  refuseWhileWriting(policy, name);

  const group = existing ?? { name, priority: next.priority, ruleCollections: [] };
  if (!existing) policy.ruleCollectionGroups.push(group);
  const { id, location } = policy;
  const attached = state.firewalls.some((firewall) => goesBy(state, firewall, policy));
  const { attachedMs, unattachedMs } = state.latency;
  const begun = beginOperation(state, call, { resourceId: id, location, end: "azure-asyncoperation" });
  group.provisioningState = "Updating";
  const until = now.getTime() + (attached ? attachedMs : unattachedMs);
  group.write = { operation: begun.id, until, fails: call.failOperation, next };
  const answer = showRuleCollectionGroup(policy, group);
  return { ...answer, status: existing ? 200 : 201, headers: { ...answer.headers, ...begun.headers } };
}

/** One at a time for each policy (hashicorp/terraform-provider-azurerm#15440). The code is published, its status is not. */
function refuseWhileWriting({ id, ruleCollectionGroups }: SimulatedFirewallPolicy, name: string): void {
  const running = ruleCollectionGroups.find(({ write }) => write !== undefined)?.write;
  if (!running) return;
  throw new ArmError(
    409,
    "FirewallPolicyRuleCollectionGroupUpdateNotAllowedWhenUpdatingOrDeleting",
    `Put on Rule Collection Group ${name} is not allowed while Firewall Policy ${nameOf(id)} is updating or deleting, operation ID : ${running.operation}`,
  );
}

export function showRuleCollectionGroup(
  policy: SimulatedFirewallPolicy,
  group: SimulatedRuleCollectionGroup,
): ArmAnswer & { body: object } {
  const { name, provisioningState = "Succeeded", write } = group;
  const { priority, ruleCollections } = write?.next ?? group;
  const etag = etagOf(group);
  const body = {
    name,
    id: `${policy.id}/ruleCollectionGroups/${name}`,
    type: "Microsoft.Network/FirewallPolicies/RuleCollectionGroups",
    etag,
    properties: {
      provisioningState,
      priority,
      ruleCollections: ruleCollections.map(({ action, rules, ...collection }) => ({
        ruleCollectionType: "FirewallPolicyFilterRuleCollection",
        ...collection,
        action: { type: action },
        rules: rules.map((rule) => ({
          sourceAddresses: [],
          sourceIpGroups: [],
          destinationAddresses: [],
          destinationIpGroups: [],
          ...rule,
        })),
      })),
    },
  };
  return { status: 200, headers: { etag }, body };
}
