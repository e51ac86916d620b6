import { firewallRoutes } from "../../../../local/azure/firewall/firewall-routes.ts";
import {
  type FirewallState,
  firewallState,
  type SimulatedRuleCollection,
  simulatedIpGroup,
} from "../../../../local/azure/firewall/firewall-state.ts";
import { firewallApiVersions } from "../../../../local/azure/firewall/firewall-versions.ts";
import { startSimulatedAzure } from "../../../../local/azure/simulated-azure.ts";
import { createManualClock } from "../../../support/manual-clock.ts";
import { ask } from "../api-management/contoso.ts";

export const subscriptionId = "8a1f0a6e-0c8e-4d3a-9b57-0c6f1d2e3f40";
export const network = `/subscriptions/${subscriptionId}/resourceGroups/rg-hub/providers/Microsoft.Network`;
export const groupId = (name: string) => `${network}/ipGroups/${name}`;
export const policyId = `${network}/firewallPolicies/hub`;
export const firewallId = `${network}/azureFirewalls/hub`;

/** One that some other provider speaks. */
export const anotherVersion = "2021-11-01";

/** What comes from a group is denied, or allowed. */
export function from(groups: readonly string[], action: "Allow" | "Deny" = "Deny"): SimulatedRuleCollection {
  const rule = {
    name: "from",
    ruleType: "NetworkRule" as const,
    ipProtocols: ["Any"],
    sourceIpGroups: groups.map(groupId),
    destinationAddresses: ["*"],
    destinationPorts: ["*"],
  };
  return { name: action.toLowerCase(), priority: 100, action, rules: [rule] };
}

/** A firewall whose policy denies what comes from the group "blocked"; nothing names the group "spare". */
export function hub(): FirewallState {
  return firewallState({
    ipGroups: [
      simulatedIpGroup({ id: groupId("blocked"), inForce: ["198.51.100.1"], tags: { owner: "platform" } }),
      simulatedIpGroup({ id: groupId("spare"), inForce: ["198.51.100.2"] }),
    ],
    policies: [
      {
        id: policyId,
        location: "westeurope",
        sku: "Premium",
        ruleCollectionGroups: [{ name: "block", priority: 100, ruleCollections: [from(["blocked"])] }],
      },
    ],
    firewalls: [{ id: firewallId, policyId }],
  });
}

/** The simulated Azure with a clock that stands still. */
export async function startHub(state = hub()) {
  const clock = createManualClock();
  const azure = await startSimulatedAzure({
    port: 0,
    gatewayPort: 0,
    services: [],
    clock,
    arm: { routes: firewallRoutes({ state, clock }), apiVersions: [...firewallApiVersions, anotherVersion] },
  });
  return {
    azure,
    clock,
    state,
    ask: (method: string, path: string, options?: Parameters<typeof ask>[3]) => ask(azure, method, path, options),
    /** Replaces a list. */
    put: (name: string, ipAddresses: readonly string[], headers: Record<string, string> = {}) =>
      ask(azure, "PUT", groupId(name), {
        body: { location: "westeurope", properties: { ipAddresses } },
        headers,
      }),
    /** Asks an address that a write answered with. */
    follow: (url: string | null) =>
      ask(azure, "GET", (url ?? "").replace("https://management.azure.com", ""), { version: "" }),
  };
}

export type Hub = Awaited<ReturnType<typeof startHub>>;
