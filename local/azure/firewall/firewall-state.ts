import { randomUUID } from "node:crypto";

/** One IP Group. What is being written is not in force before the write ends. */
export interface SimulatedIpGroup {
  id: string;
  location: string;
  tags: Record<string, string>;
  /** The list that firewalls go by. */
  inForce: readonly string[];
  /** The list that a read shows. */
  stored: readonly string[];
  state: "Succeeded" | "Updating" | "Deleting" | "Failed";
  etag: string;
  write?: IpGroupWrite;
}

interface NetworkWrite {
  operation: string;
  /** When it is over, in milliseconds since 1970. */
  until: number;
  fails: boolean;
}

interface IpGroupWrite extends NetworkWrite {
  /** The group is gone when this is over. */
  deletes?: boolean;
}

/** A rule of a network rule collection, as far as it matters for who may talk to whom. */
export interface SimulatedRule {
  name: string;
  ruleType: "NetworkRule" | "ApplicationRule";
  ipProtocols?: readonly string[];
  sourceAddresses?: readonly string[];
  sourceIpGroups?: readonly string[];
  destinationAddresses?: readonly string[];
  destinationIpGroups?: readonly string[];
  destinationPorts?: readonly string[];
}

export interface SimulatedRuleCollection {
  name: string;
  /** Absent in a published example; such a collection comes last. */
  priority?: number;
  action: "Allow" | "Deny";
  rules: readonly SimulatedRule[];
}

/** The rules that are in force, and those that are being brought to the firewalls. */
export interface SimulatedRuleCollectionGroup {
  name: string;
  priority: number;
  ruleCollections: readonly SimulatedRuleCollection[];
  provisioningState?: string;
  write?: RuleWrite;
}

interface RuleWrite extends NetworkWrite {
  next: Pick<SimulatedRuleCollectionGroup, "priority" | "ruleCollections">;
}

export interface SimulatedFirewallPolicy {
  id: string;
  location: string;
  /** Standard unless it is said. */
  sku?: "Basic" | "Standard" | "Premium";
  /** The parent, whose rules come before all of this policy's. */
  basePolicyId?: string;
  ruleCollectionGroups: SimulatedRuleCollectionGroup[];
}

/** One that goes by a policy, or a classic one with rules of its own. */
export interface SimulatedFirewall {
  id: string;
  policyId?: string;
  networkRuleCollections?: readonly SimulatedRuleCollection[];
}

export interface NetworkOperation {
  resourceId: string;
  status: "InProgress" | "Succeeded" | "Failed";
  /** Why it failed, once it has. */
  error?: { code: string; message: string };
}

/** What Microsoft.Network holds of firewalls; may be changed while it is asked. */
export interface FirewallState {
  ipGroups: SimulatedIpGroup[];
  policies: SimulatedFirewallPolicy[];
  firewalls: SimulatedFirewall[];
  /** How long a write takes when a firewall goes by what is written, and when none does. */
  latency: { attachedMs: number; unattachedMs: number };
  /** What `Retry-After` asks for. */
  retryAfterSeconds: number;
  /** Whether a write that fails has stored its list all the same, as reported in hashicorp/terraform-provider-azurerm#27279. */
  failedWriteKeepsList: boolean;
  /** Some regions refuse an empty list and others take it: Azure/bicep-registry-modules#6747. */
  refusesEmptyLists: boolean;
  /** Resources on one page of a list. */
  pageSize: number;
  /** Asynchronous operations by id, also those that are over. */
  operations: Map<string, NetworkOperation>;
}

export function firewallState(state: Partial<FirewallState> = {}): FirewallState {
  return {
    ipGroups: [],
    policies: [],
    firewalls: [],
    // "Three to five minutes on average": https://learn.microsoft.com/azure/firewall/rule-processing
    latency: { attachedMs: 4 * 60_000, unattachedMs: 2_000 },
    retryAfterSeconds: 10,
    failedWriteKeepsList: true,
    refusesEmptyLists: false,
    pageSize: 100,
    operations: new Map(),
    ...state,
  };
}

export function simulatedIpGroup(group: Pick<SimulatedIpGroup, "id"> & Partial<SimulatedIpGroup>): SimulatedIpGroup {
  const entries = group.inForce ?? [];
  return {
    location: "westeurope",
    tags: {},
    inForce: entries,
    stored: entries,
    state: "Succeeded",
    etag: newEtag(),
    ...group,
  };
}

export function newEtag(): string {
  return `W/"${randomUUID()}"`;
}

export function sameId(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

export function nameOf(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
