import { sameArmId } from "../arm-id.ts";
import type { Guardrail } from "./guardrail.ts";

/** An alert names the resource that it is about; only what the installation was given may be written to. */
export const knownEnforcementPoint: Guardrail = {
  id: "known-enforcement-point",
  check: ({ point }, { apiManagement }) =>
    apiManagement.some((id) => sameArmId(id, point.resourceId))
      ? undefined
      : { verdict: "refuse", reason: "this API Management service is not in PORTCULLIS_API_MANAGEMENT" },
};
