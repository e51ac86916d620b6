import type { StandingGuardrail } from "./guardrail.ts";

/** Break-glass accounts, the app's own identity, approvers: locking one of them out is worse than most attacks. By object id, which nobody can rename. */
export const protectedIdentity: StandingGuardrail = {
  id: "protected-identity",
  check({ target }, { identities }) {
    const id =
      target.kind === "user"
        ? target.userId
        : target.kind === "service-principal"
          ? target.servicePrincipalId
          : undefined;
    if (id === undefined || !identities.some((one) => one.toLowerCase() === id.toLowerCase())) return undefined;
    return { verdict: "refuse", reason: `${id} is in PORTCULLIS_PROTECTED_IDENTITIES` };
  },
};
