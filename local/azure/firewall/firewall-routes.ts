import type { Clock } from "../../../shared/clock.ts";
import type { ArmRoute } from "../resource-manager/route.ts";
import { azureFirewallRoutes } from "./azure-firewall-routes.ts";
import { bringUpToDate } from "./bring-up-to-date.ts";
import type { FirewallState } from "./firewall-state.ts";
import { ipGroupRoutes } from "./ip-group-routes.ts";
import { firewallPolicyRoutes, ruleCollectionGroupWriteRoutes } from "./policy-routes.ts";

/**
 * All of Azure Firewall in Resource Manager. Nothing waits: whoever asks finds what is over by the clock, so a state outlives the routes
 * that were made for it, with the operations that are under way.
 */
export function firewallRoutes({ state, clock }: { state: FirewallState; clock: Clock }): ArmRoute[] {
  const policiesAndFirewalls = [
    ...firewallPolicyRoutes(state),
    ...ruleCollectionGroupWriteRoutes(state, clock),
    ...azureFirewallRoutes(state),
  ];
  return [
    ...ipGroupRoutes(state, clock),
    ...policiesAndFirewalls.map(
      (route): ArmRoute => ({
        ...route,
        answer(call) {
          bringUpToDate(state, clock.now());
          return route.answer(call);
        },
      }),
    ),
  ];
}
