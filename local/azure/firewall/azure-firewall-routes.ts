import type { ArmRoute } from "../resource-manager/route.ts";
import { speakVersion } from "../resource-manager/speak-version.ts";
import {
  type FirewallState,
  nameOf,
  type SimulatedFirewall,
  type SimulatedRuleCollection,
  sameId,
} from "./firewall-state.ts";
import { firewallApiVersions } from "./firewall-versions.ts";
import { etagOf, missing } from "./network-failure.ts";

const path =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Network/azureFirewalls/{azureFirewallName}";

/** Firewalls, to be read. They say Succeeded whatever became of an IP Group: https://learn.microsoft.com/azure/firewall/ip-groups. */
export function azureFirewallRoutes(state: FirewallState): ArmRoute[] {
  return [
    {
      operationId: "AzureFirewalls_Get",
      method: "GET",
      path,
      answer(call) {
        speakVersion(call, "azureFirewalls", firewallApiVersions);
        const wanted = path.replaceAll(/\{(\w+)\}/g, (_, param: string) => call.params[param] ?? "");
        const firewall = state.firewalls.find(({ id }) => sameId(id, wanted));
        if (!firewall) throw missing("azureFirewalls", call.params.azureFirewallName);
        const etag = etagOf(firewall);
        return { status: 200, headers: { etag }, body: { ...present(firewall, state), etag } };
      },
    },
  ];
}

function present({ id, policyId, networkRuleCollections = [] }: SimulatedFirewall, { policies }: FirewallState) {
  const policy = policies.find((one) => policyId !== undefined && sameId(one.id, policyId));
  return {
    name: nameOf(id),
    id,
    type: "Microsoft.Network/azureFirewalls",
    location: policy?.location ?? "westeurope",
    properties: {
      provisioningState: "Succeeded",
      sku: { name: "AZFW_VNet", tier: policy?.sku ?? "Standard" },
      threatIntelMode: "Alert",
      ...(policyId === undefined ? {} : { firewallPolicy: { id: policyId } }),
      networkRuleCollections: networkRuleCollections.map((collection) => presentCollection(id, collection)),
      applicationRuleCollections: [],
      natRuleCollections: [],
    },
  };
}

/** A classic rule says `protocols` where a policy's says `ipProtocols`, and has no type. */
function presentCollection(firewallId: string, { name, priority, action, rules }: SimulatedRuleCollection) {
  return {
    name,
    id: `${firewallId}/networkRuleCollections/${name}`,
    properties: {
      provisioningState: "Succeeded",
      priority,
      action: { type: action },
      rules: rules.map(({ ruleType: _, ipProtocols: protocols, ...rule }) => ({ ...rule, protocols })),
    },
  };
}
