import type { Alert } from "../alerts/alert.ts";
import type { EnforcementPoint, Target } from "../ledger/containment.ts";

/** What a guardrail looks at. */
export interface Proposal {
  alert: Alert;
  responder: string;
  point: EnforcementPoint;
  target: Target;
}

/** What the guardrails know of the installation. */
export interface Protection {
  /** ARM ids of the API Management services that may be written to. */
  apiManagement: readonly string[];
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
