import { expect, it } from "vitest";
import { createFirewallDataPlane } from "../../../../local/azure/firewall/data-plane.ts";
import {
  type FirewallState,
  type SimulatedRule,
  type SimulatedRuleCollection,
  simulatedIpGroup,
} from "../../../../local/azure/firewall/firewall-state.ts";
import { flowRoutes } from "../../../../local/azure/firewall/flow-routes.ts";
import { createManualClock } from "../../../support/manual-clock.ts";
import { firewallId, from, groupId, hub, network } from "./a-hub.ts";

const web = { source: "198.51.100.1", destination: "10.0.0.4", port: 443, protocol: "TCP" as const };
const decide = (
  state: FirewallState,
  flow: Partial<typeof web> | { protocol: "UDP" | "ICMP" } = {},
  firewall = firewallId,
) => createFirewallDataPlane(state, createManualClock()).decide({ firewall, ...web, ...flow });

/** The hub with these collections instead of its own. */
function withCollections(...ruleCollections: SimulatedRuleCollection[]): FirewallState {
  const state = hub();
  state.policies[0]?.ruleCollectionGroups.splice(0, 1, { name: "own", priority: 200, ruleCollections });
  return state;
}

const collection = (name: string, priority: number, action: "Allow" | "Deny", rule: Partial<SimulatedRule> = {}) => ({
  name,
  priority,
  action,
  rules: [
    {
      name: "rule",
      ruleType: "NetworkRule" as const,
      ipProtocols: ["TCP"],
      sourceAddresses: ["*"],
      destinationAddresses: ["*"],
      destinationPorts: ["443"],
      ...rule,
    },
  ],
});

it("what no rule matches is denied", () => {
  expect(decide(hub(), { source: "192.0.2.1" })).toEqual({ action: "Deny", by: "no rule" });
  expect(decide(hub())).toEqual({ action: "Deny", by: "block/deny/from" });
});

it("the lower priority decides, first of the groups and then of the collections", () => {
  const collections = [collection("allow", 200, "Allow"), collection("deny", 100, "Deny")];
  const state = withCollections(...collections);
  expect(decide(state)).toEqual({ action: "Deny", by: "own/deny/rule" });

  const first = { name: "first", priority: 199, ruleCollections: [collection("allow", 65_000, "Allow")] };
  state.policies[0]?.ruleCollectionGroups.push(first);
  expect(decide(state)).toEqual({ action: "Allow", by: "first/allow/rule" });
});

it("a parent policy comes before its child, whatever the priorities", () => {
  const state = withCollections(collection("deny", 100, "Deny"));
  const ruleCollectionGroups = [
    { name: "base", priority: 65_000, ruleCollections: [collection("allow", 65_000, "Allow")] },
  ];
  const baseId = `${network}/firewallPolicies/base`;
  state.policies.push({ id: baseId, location: "westeurope", ruleCollectionGroups });
  expect(decide(state).by).toBe("own/deny/rule");

  Object.assign(state.policies[0] ?? {}, { basePolicyId: baseId });
  expect(decide(state)).toEqual({ action: "Allow", by: "base/allow/rule" });
});

it("an IP Group stands for its entries, as source and as destination", () => {
  const state = withCollections(
    { ...from(["blocked"]), name: "in" },
    collection("out", 200, "Deny", { destinationIpGroups: [groupId("spare")], destinationAddresses: [] }),
    collection("rest", 300, "Allow"),
  );
  state.ipGroups = [
    simulatedIpGroup({
      id: groupId("blocked"),
      inForce: ["203.0.113.7", "192.0.2.0/28", "198.51.100.10-198.51.100.20"],
    }),
    simulatedIpGroup({ id: groupId("spare"), inForce: ["203.0.113.7"] }),
  ];
  const by = (source: string, destination = "10.0.0.4") => decide(state, { source, destination }).by;

  for (const source of ["203.0.113.7", "192.0.2.0", "192.0.2.15", "198.51.100.10", "198.51.100.15", "198.51.100.20"]) {
    expect([source, by(source)]).toEqual([source, "own/in/from"]);
  }
  for (const source of ["203.0.113.8", "192.0.2.16", "198.51.100.9", "198.51.100.21", "198.51.100.100"]) {
    expect([source, by(source)]).toEqual([source, "own/rest/rule"]);
  }
  expect(by("10.0.0.4", "203.0.113.7")).toBe("own/out/rule");
});

it("a rule with an empty IP Group, or with one that is gone, is skipped: it matches nobody, and not everybody", () => {
  const rest = collection("rest", 200, "Allow");
  const state = withCollections(from(["blocked", "spare"]), rest);
  expect(decide(state).by).toBe("own/deny/from");

  state.ipGroups = state.ipGroups.map((group) => (group.id === groupId("spare") ? { ...group, inForce: [] } : group));
  expect(decide(state)).toEqual({ action: "Allow", by: "own/rest/rule" });
  state.ipGroups.pop();
  expect(decide(state).by).toBe("own/rest/rule");
});

it.each([
  ["another protocol", { protocol: "UDP" as const }, {}, "Deny"],
  ["one protocol of several", { protocol: "UDP" as const }, { ipProtocols: ["TCP", "UDP"] }, "Allow"],
  ["any protocol", { protocol: "UDP" as const }, { ipProtocols: ["Any"] }, "Allow"],
  ["ICMP, which has no ports", { protocol: "ICMP" as const, port: 0 }, { ipProtocols: ["ICMP"] }, "Allow"],
  ["another port", { port: 444 }, {}, "Deny"],
  ["a range of ports", { port: 444 }, { destinationPorts: ["22", "440-450"] }, "Allow"],
  ["any port", { port: 444 }, { destinationPorts: ["*"] }, "Allow"],
  ["another source", {}, { sourceAddresses: ["192.0.2.0/24"] }, "Deny"],
  ["another destination", {}, { destinationAddresses: ["192.0.2.0/24"] }, "Deny"],
  ["an application rule, which is not played", {}, { ruleType: "ApplicationRule" as const }, "Deny"],
])("a rule is matched as a whole: %s", (_, flow, rule, action) => {
  expect(decide(withCollections(collection("web", 100, "Allow", rule)), flow).action).toBe(action);
});

it("a classic firewall goes by rules of its own", () => {
  const state = hub();
  const classic = `${network}/azureFirewalls/classic`;
  state.firewalls.push({ id: classic, networkRuleCollections: [collection("web", 200, "Allow"), from(["blocked"])] });

  expect(decide(state, {}, classic)).toEqual({ action: "Deny", by: "deny/from" });
  expect(decide(state, { source: "192.0.2.1" }, classic)).toEqual({ action: "Allow", by: "web/rule" });
});

it("a play asks by HTTP whether a flow gets through", async () => {
  const door = flowRoutes(createFirewallDataPlane(hub(), createManualClock()));
  const ask = async (body: unknown) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const response = await door.request("/_simulator/flows", { method: "POST", body: text });
    return [response.status, await response.json()];
  };

  expect(await ask({ firewall: firewallId, ...web })).toEqual([200, { action: "Deny", by: "block/deny/from" }]);
  expect((await ask({ firewall: `${firewallId}-2`, ...web }))[0]).toBe(404);
  for (const wrong of [{ source: "2001:db8::1" }, { port: 65_536 }, { protocol: "tcp" }, { sourcePort: 1 }]) {
    expect((await ask({ firewall: firewallId, ...web, ...wrong }))[0]).toBe(400);
  }
  expect((await ask("{"))[0]).toBe(400);
});
