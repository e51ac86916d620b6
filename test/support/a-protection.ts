import type { Protection } from "../../shared/guardrails/guardrail.ts";

/** An installation that was given nothing to write to and protects nothing, but for what is told. */
export function aProtection(changes: Partial<Protection> = {}): Protection {
  return {
    apiManagement: [],
    firewallPolicies: [],
    tenant: [],
    identities: [],
    machines: [],
    networks: [],
    ...changes,
  };
}
