import type { Alert } from "../alerts/alert.ts";
import type { EnforcementPoint, PointKind } from "../ledger/containment.ts";
import type { Target } from "../ledger/target.ts";

/** What a guardrail looks at that needs no alert. */
export interface StandingProposal {
  responder: string;
  point: EnforcementPoint;
  target: Target;
}

/** What a guardrail looks at. */
export interface Proposal extends StandingProposal {
  alert: Alert;
  /** Why it could not be taken back. */
  irreversible?: string | undefined;
  /** A person chose the playbook for this target. */
  chosenByHand?: boolean;
}

/** What the guardrails know of the installation. */
export interface Protection {
  /** ARM ids of the API Management services that may be written to. */
  apiManagement: readonly string[];
  /** ARM ids of the Firewall Policies whose IP Groups may be written to. */
  firewallPolicies: readonly string[];
  /** Of what a tenant has one of, what may be acted on. */
  tenant: readonly PointKind[];
  /** Object ids of users and service principals that are never touched. */
  identities: readonly string[];
  /** Ids and DNS names of machines that are never touched. */
  machines: readonly string[];
  /** Addresses and CIDR blocks that are never contained. */
  networks: readonly string[];
  /** Addresses of this alert that were found to be the installation's own, and whose; `machine` where it is that of one machine. */
  ownAddresses?: readonly { address: string; owner: string; machine: boolean }[];
}

export type Objection = { verdict: "observe" | "refuse"; reason: string };

/** A rule that can veto or demote a step; undefined when it has nothing against it. */
export interface Guardrail {
  id: string;
  check(proposal: Proposal, protection: Protection): Objection | undefined;
}

/** A rule about what the target is: asked when deciding, and again right before something is sent. */
export interface StandingGuardrail extends Guardrail {
  check(proposal: StandingProposal, protection: Protection): Objection | undefined;
}
