import ipaddr from "ipaddr.js";
import * as z from "zod";
import type { Clock } from "../../../shared/clock.ts";
import { bringUpToDate } from "./bring-up-to-date.ts";
import { type FirewallState, type SimulatedRule, type SimulatedRuleCollection, sameId } from "./firewall-state.ts";
import { number } from "./ip-group-body.ts";

export const Flow = z.strictObject({
  source: z.ipv4(),
  destination: z.ipv4(),
  port: z.int().min(0).max(65_535),
  protocol: z.enum(["TCP", "UDP", "ICMP"]),
});
type Flow = z.infer<typeof Flow>;

/** What the firewall does with a flow, and by which rule. */
interface FlowDecision {
  action: "Allow" | "Deny";
  by: string;
}

export interface FirewallDataPlane {
  decide(flow: Flow & { firewall: string }): FlowDecision;
}

export class UnknownFirewallError extends Error {
  override name = "UnknownFirewallError";
}

export function createFirewallDataPlane(state: FirewallState, clock: Clock): FirewallDataPlane {
  return { decide: ({ firewall, ...flow }) => decideFlow(state, firewall, flow, clock.now()) };
}

/**
 * Network rules as Azure Firewall processes them: a parent policy's before its child's, groups and collections by priority, the first that
 * matches ends it, and what none matches is denied (https://learn.microsoft.com/azure/firewall/rule-processing). The list in force is the
 * one that the last write which ended well brought. Not played: NAT, application rules, threat intelligence.
 */
export function decideFlow(state: FirewallState, firewallId: string, flow: Flow, now: Date): FlowDecision {
  bringUpToDate(state, now);
  const firewall = state.firewalls.find(({ id }) => sameId(id, firewallId));
  if (!firewall) throw new UnknownFirewallError(`There is no firewall ${firewallId}.`);
  const { policyId, networkRuleCollections = [] } = firewall;
  const own = state.policies.find(({ id }) => policyId !== undefined && sameId(id, policyId));
  const parent = state.policies.find(({ id }) => own?.basePolicyId !== undefined && sameId(id, own.basePolicyId));
  const groups = [parent, own].flatMap((policy) => byPriority(policy?.ruleCollectionGroups ?? []));
  const collections = [
    ...byPriority(networkRuleCollections).map((collection) => ({ collection, at: collection.name })),
    ...groups.flatMap(({ name, ruleCollections }) =>
      byPriority(ruleCollections).map((collection) => ({ collection, at: `${name}/${collection.name}` })),
    ),
  ];
  for (const { collection, at } of collections) {
    const rule = firstMatch(state, collection, flow);
    if (rule) return { action: collection.action, by: `${at}/${rule.name}` };
  }
  return { action: "Deny", by: "no rule" };
}

function byPriority<Item extends { priority?: number }>(items: readonly Item[]): Item[] {
  return items.toSorted((a, b) => (a.priority ?? Infinity) - (b.priority ?? Infinity));
}

function firstMatch(state: FirewallState, { rules }: SimulatedRuleCollection, flow: Flow): SimulatedRule | undefined {
  return rules.find((rule) => matches(state, rule, flow));
}

/**
 * "If you delete all the IP addresses in an IP Group while it is still in use in a rule, that rule is skipped"
 * (https://learn.microsoft.com/azure/firewall/ip-groups), taken at its word: one empty group is enough, whatever stands in the others.
 */
function matches(state: FirewallState, rule: SimulatedRule, { source, destination, port, protocol }: Flow): boolean {
  const { ruleType, ipProtocols = [], destinationPorts = [], sourceIpGroups = [], destinationIpGroups = [] } = rule;
  if (ruleType !== "NetworkRule") return false;
  if (!ipProtocols.some((one) => ["ANY", protocol].includes(one.toUpperCase()))) return false;
  // ICMP has no ports.
  if (protocol !== "ICMP" && !destinationPorts.some((one) => isPort(one, port))) return false;
  const entriesOf = (groupId: string) => state.ipGroups.find(({ id }) => sameId(id, groupId))?.inForce ?? [];
  const [from, to] = [sourceIpGroups.map(entriesOf), destinationIpGroups.map(entriesOf)];
  if ([...from, ...to].some((entries) => entries.length === 0)) return false;
  const { sourceAddresses = [], destinationAddresses = [] } = rule;
  return (
    [sourceAddresses, ...from].some((entries) => hold(entries, source)) &&
    [destinationAddresses, ...to].some((entries) => hold(entries, destination))
  );
}

function hold(entries: readonly string[], address: string): boolean {
  return entries.some((entry) => holds(entry, address));
}

function holds(entry: string, address: string): boolean {
  if (entry === "*" || entry === address) return true;
  if (entry.includes("/")) return ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parseCIDR(entry));
  const [from, to] = entry.split("-");
  if (from === undefined || to === undefined) return false;
  return number(from) <= number(address) && number(address) <= number(to);
}

function isPort(text: string, port: number): boolean {
  if (text === "*") return true;
  const [from = "", to = from] = text.split("-");
  return Number(from) <= port && port <= Number(to);
}
